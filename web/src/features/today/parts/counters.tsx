// How many arrive, leave and stay, and how much needs a decision; each leads to its list.
import { Trans } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import type { Today } from '../queries.ts'
import classes from '../today.module.css'

export function Counters({ today }: { readonly today: Today }) {
  const { arrivals, departures, in_house, conflicts, overdue, holds, unconfirmed, unpaid } = today
  return (
    <div className={classes.counters}>
      <Counter id="arrivals" total={arrivals.total} label={<Trans>Arrivals</Trans>} />
      <Counter id="departures" total={departures.total} label={<Trans>Departures</Trans>} />
      <Counter id="in_house" total={in_house.total} label={<Trans>In house</Trans>} />
      <Decision id="conflicts" total={conflicts?.total} label={<Trans>Conflicts</Trans>} />
      <Decision id="overdue" total={overdue.total} label={<Trans>Overdue</Trans>} />
      <Decision id="holds" total={holds?.total} label={<Trans>Holds</Trans>} />
      <Decision id="unconfirmed" total={unconfirmed.total} label={<Trans>Not confirmed</Trans>} />
      <Decision id="unpaid" total={unpaid.total} label={<Trans>Not paid</Trans>} />
    </div>
  )
}

interface Props {
  readonly id: string
  readonly total: number
  readonly label: ReactNode
}

function Counter({ id, total, label, needs_decision }: Props & { readonly needs_decision?: true }) {
  return (
    <a className={classes.counter} href={`#${id}`} data-decision={needs_decision}>
      <div className={classes.counter_number}>{total}</div>
      <div className={classes.facts}>{label}</div>
    </a>
  )
}

/** Only where there is something to decide, and for roles that have it. */
function Decision({ id, total, label }: Omit<Props, 'total'> & { readonly total: number | undefined }) {
  return total === undefined || total === 0 ? null : <Counter id={id} total={total} label={label} needs_decision />
}
