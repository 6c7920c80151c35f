// The totals of the report, each beside the year before.
import { Trans } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import type { Schema } from '../../../api/client.ts'
import { useLocale } from '../../../locales/i18n.ts'
import { useMoney } from '../../../locales/money.ts'
import classes from '../reports.module.css'

export function FigureCards({ report: { totals } }: { readonly report: Schema['Report'] }) {
  const money = useMoney()
  const percent = usePercent()
  const count = useCount()
  const { current, previous } = totals
  const before = (currency: string) => previous.money.find((sum) => sum.currency === currency)
  return (
    <div className={classes.cards}>
      <Card
        name={<Trans>Occupancy</Trans>}
        value={percent(current.occupancy_bp)}
        before={percent(previous.occupancy_bp)}
      />
      <Card name={<Trans>Nights sold</Trans>} value={count(current.nights_sold)} before={count(previous.nights_sold)} />
      <Card name={<Trans>Bookings</Trans>} value={count(current.num_bookings)} before={count(previous.num_bookings)} />
      {current.money.map(({ currency, revenue_cents, adr_cents, revpar_cents }) => {
        const old = before(currency)
        const write = (cents: number | undefined) => (cents === undefined ? '–' : money(cents, currency))
        return [
          <Card
            key={`${currency} revenue`}
            name={<Trans>Revenue</Trans>}
            value={write(revenue_cents)}
            before={write(old?.revenue_cents)}
          />,
          <Card
            key={`${currency} adr`}
            name={<Trans>Average rate of a night</Trans>}
            value={write(adr_cents)}
            before={write(old?.adr_cents)}
          />,
          <Card
            key={`${currency} revpar`}
            name={<Trans>Revenue per available night</Trans>}
            value={write(revpar_cents)}
            before={write(old?.revpar_cents)}
          />,
        ]
      })}
    </div>
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

/** 2258 basis points -> 22.6 %. */
export function usePercent(): (basis_points: number | null) => string {
  const locale = useLocale()
  const format = new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })
  return (basis_points) => (basis_points === null ? '–' : format.format(basis_points / 10_000))
}

/** 7366 -> 7,366 */
export function useCount(): (count: number) => string {
  const format = new Intl.NumberFormat(useLocale())
  return (count) => format.format(count)
}
