// How many arrive, leave and stay; each leads to its list.
import { Trans } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import type { Today } from '../queries.ts'
import classes from '../today.module.css'

export function Counters({ today }: { readonly today: Today }) {
  return (
    <div className={classes.counters}>
      <Counter id="arrivals" total={today.arrivals.total} label={<Trans>Arrivals</Trans>} />
      <Counter id="departures" total={today.departures.total} label={<Trans>Departures</Trans>} />
      <Counter id="in_house" total={today.in_house.total} label={<Trans>In house</Trans>} />
    </div>
  )
}

interface Props {
  readonly id: string
  readonly total: number
  readonly label: ReactNode
}

function Counter({ id, total, label }: Props) {
  return (
    <a className={classes.counter} href={`#${id}`}>
      <div className={classes.counter_number}>{total}</div>
      <div className={classes.facts}>{label}</div>
    </a>
  )
}
