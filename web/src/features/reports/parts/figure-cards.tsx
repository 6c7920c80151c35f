// The totals of the report, each beside the year before.
import { Trans } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import type { Schema } from '../../../api/client.ts'
import { useMoney } from '../../../locales/money.ts'
import classes from '../reports.module.css'
import { useCount, usePercent } from './formats.ts'
import { currenciesOf, sumIn } from './money-of.ts'

export function FigureCards({ report: { totals, group_by } }: { readonly report: Schema['Report'] }) {
  const percent = usePercent()
  const count = useCount()
  const { current, previous } = totals
  const counted = (name: ReactNode, field: 'nights_sold' | 'guest_nights' | 'num_bookings' | 'num_guests') => (
    <Card name={name} value={count(current[field])} before={count(previous[field])} />
  )
  return (
    <div className={classes.cards}>
      {group_by === 'country' ? (
        <>
          {counted(<Trans>Arrivals</Trans>, 'num_bookings')}
          {counted(<Trans>Guests</Trans>, 'num_guests')}
          {counted(<Trans>Nights sold</Trans>, 'nights_sold')}
          {counted(<Trans>Guest nights</Trans>, 'guest_nights')}
        </>
      ) : (
        <>
          <Card
            name={<Trans>Occupancy</Trans>}
            value={percent(current.occupancy_bp)}
            before={percent(previous.occupancy_bp)}
          />
          {counted(<Trans>Nights sold</Trans>, 'nights_sold')}
          {counted(<Trans>Bookings</Trans>, 'num_bookings')}
        </>
      )}
      {currenciesOf([current, previous]).map((currency) => (
        <MoneyCards key={currency} currency={currency} totals={totals} />
      ))}
    </div>
  )
}

function MoneyCards({ currency, totals }: { readonly currency: string } & Pick<Schema['Report'], 'totals'>) {
  const money = useMoney()
  const [now, old] = [sumIn(totals.current, currency), sumIn(totals.previous, currency)]
  const write = (cents: number | undefined) => (cents === undefined ? '–' : money(cents, currency))
  return (
    <>
      <Card name={<Trans>Revenue</Trans>} value={write(now?.revenue_cents)} before={write(old?.revenue_cents)} />
      <Card
        name={<Trans>Average rate of a night</Trans>}
        value={write(now?.adr_cents)}
        before={write(old?.adr_cents)}
      />
      <Card
        name={<Trans>Revenue per available night</Trans>}
        value={write(now?.revpar_cents)}
        before={write(old?.revpar_cents)}
      />
    </>
  )
}

interface CardProps {
  readonly name: ReactNode
  readonly value: ReactNode
  readonly before: ReactNode
}

function Card({ name, value, before }: CardProps) {
  return (
    <div className={classes.card}>
      <div className="dim">{name}</div>
      <div className={classes.value}>{value}</div>
      <div className={classes.previous}>
        <Trans>Year before: {before}</Trans>
      </div>
    </div>
  )
}
