// The figures of each group, with the totals.
import { Trans, useLingui } from '@lingui/react/macro'
import type { Schema } from '../../../api/client.ts'
import { useMoney } from '../../../locales/money.ts'
import classes from '../reports.module.css'
import { useCount, usePercent } from './figure-cards.tsx'
import type { Group } from './use-group-name.ts'

type Figures = Schema['ReportFigures']

interface Props {
  readonly report: Schema['Report']
  readonly groupName: (group: Group) => string
}

export function ReportTable({ report: { groups, totals, num_groups }, groupName }: Props) {
  const { t } = useLingui()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keys.
    <section className={classes.scroll} tabIndex={0} aria-label={t`Table`}>
      <table className={classes.table} aria-label={t`Report`}>
        <thead>
          <tr>
            <th scope="col" aria-label={t`Group`} />
            <th scope="col">
              <Trans>Occupancy</Trans>
            </th>
            <th scope="col">
              <Trans>Year before</Trans>
            </th>
            <th scope="col">
              <Trans>Nights sold</Trans>
            </th>
            <th scope="col">
              <Trans>Bookings</Trans>
            </th>
            <th scope="col">
              <Trans>Revenue</Trans>
            </th>
            <th scope="col">
              <Trans>Average rate</Trans>
            </th>
            <th scope="col">
              <Trans>Per available night</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group, n) => (
            <tr key={group.key ?? n}>
              <th scope="row">{groupName(group)}</th>
              <Cells current={group.current} previous={group.previous} />
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              <Trans>Total</Trans>
            </th>
            <Cells current={totals.current} previous={totals.previous} />
          </tr>
        </tfoot>
      </table>
      {num_groups > groups.length && (
        <p className="dim">
          <Trans>
            The first {groups.length} of {num_groups}; the total has all.
          </Trans>
        </p>
      )}
    </section>
  )
}

function Cells({ current, previous }: { readonly current: Figures; readonly previous: Figures }) {
  const money = useMoney()
  const percent = usePercent()
  const count = useCount()
  const sums = (pick: (sum: Figures['money'][number]) => number) =>
    current.money.map((sum) => <div key={sum.currency}>{money(pick(sum), sum.currency)}</div>)
  return (
    <>
      <td>{percent(current.occupancy_bp)}</td>
      <td className={classes.previous}>{percent(previous.occupancy_bp)}</td>
      <td>{count(current.nights_sold)}</td>
      <td>{count(current.num_bookings)}</td>
      <td>{sums(({ revenue_cents }) => revenue_cents)}</td>
      <td>{sums(({ adr_cents }) => adr_cents)}</td>
      <td>{sums(({ revpar_cents }) => revpar_cents)}</td>
    </>
  )
}
