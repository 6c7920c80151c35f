// A table of figures: one row for each group, and the totals below.
import { Trans, useLingui } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import classes from '../reports.module.css'

export interface FigureColumn<Row> {
  readonly key: string
  readonly title: ReactNode
  readonly cell: (row: Row) => ReactNode
  /** Of the year before. */
  readonly is_before?: boolean
}

interface Props<Row> {
  readonly label: string
  readonly columns: readonly FigureColumn<Row>[]
  readonly rows: readonly { readonly key: string; readonly name: string; readonly of: Row }[]
  readonly total: Row
  /** Below the table. */
  readonly note?: ReactNode
}

export function FigureTable<Row>({ label, columns, rows, total, note }: Props<Row>) {
  const { t } = useLingui()
  const cells = (row: Row) =>
    columns.map(({ key, cell, is_before }) => (
      <td key={key} className={is_before === true ? classes.previous : undefined}>
        {cell(row)}
      </td>
    ))
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keys.
    <section className={classes.scroll} tabIndex={0} aria-label={t`Table`}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            <th scope="col" aria-label={t`Group`} />
            {columns.map(({ key, title }) => (
              <th key={key} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, of }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {cells(of)}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">
              <Trans>Total</Trans>
            </th>
            {cells(total)}
          </tr>
        </tfoot>
      </table>
      {note !== undefined && note !== false && <p className="dim">{note}</p>}
    </section>
  )
}
