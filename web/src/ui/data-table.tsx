// A list of records: a table on a desk, cards on a phone; with its loading, empty, failed and continued states.
import { Trans } from '@lingui/react/macro'
import { Button, Skeleton } from '@mantine/core'
import type { KeyboardEvent, ReactNode } from 'react'
import classes from './data-table.module.css'
import { ErrorState } from './error-state.tsx'

export interface Column<Row> {
  readonly key: string
  readonly title: ReactNode
  readonly cell: (row: Row) => ReactNode
  /** Amounts and counts are at the right. */
  readonly is_number?: boolean
  /** Not shown on a phone. */
  readonly is_minor?: boolean
}

interface Props<Row extends { readonly id: string }> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  /** Undefined while they are read. */
  readonly rows: readonly Row[] | undefined
  readonly error: unknown
  readonly retry: () => void
  readonly empty: ReactNode
  readonly onOpen?: (row: Row) => void
  readonly more?: { readonly load: () => void; readonly is_loading: boolean } | undefined
}

export function DataTable<Row extends { readonly id: string }>(props: Props<Row>) {
  const { label, columns, rows, error, retry, empty, more } = props
  if (error !== null && error !== undefined && rows === undefined) return <ErrorState error={error} retry={retry} />
  if (rows === undefined) return <Loading />
  if (rows.length === 0) return empty
  return (
    <div className={classes.wrap}>
      <table className={classes.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ key, title, is_number, is_minor }) => (
              <th key={key} scope="col" data-number={is_number} data-minor={is_minor}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <DataRow key={row.id} row={row} {...props} />
          ))}
        </tbody>
      </table>
      {more !== undefined && (
        <div className={classes.more}>
          <Button variant="default" loading={more.is_loading} onClick={more.load}>
            <Trans>Show more</Trans>
          </Button>
        </div>
      )}
    </div>
  )
}

function DataRow<Row extends { readonly id: string }>({ row, columns, onOpen }: Props<Row> & { readonly row: Row }) {
  const open =
    onOpen === undefined
      ? {}
      : {
          tabIndex: 0,
          onClick: () => onOpen(row),
          onKeyDown: (event: KeyboardEvent) => {
            if (event.key === 'Enter' && event.target === event.currentTarget) onOpen(row)
          },
        }
  return (
    <tr data-open={onOpen !== undefined || undefined} {...open}>
      {columns.map(({ key, cell, is_number, is_minor }) => (
        <td key={key} data-number={is_number} data-minor={is_minor}>
          {cell(row)}
        </td>
      ))}
    </tr>
  )
}

function Loading() {
  return (
    <div className={classes.loading} aria-hidden>
      {Array.from({ length: 10 }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same.
        <Skeleton key={n} height={22} my={11} />
      ))}
    </div>
  )
}
