// What a file does: counts, what it was recognised as, and the rows that are not saved, odd or changed.
import { Plural, Trans, useLingui } from '@lingui/react/macro'
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from '../import.module.css'
import type { Report } from '../queries.ts'
import { useColumnNames } from './column-names.ts'

interface Props {
  readonly report: Report
  /** Titles that are asked about above: their rows are not listed again. */
  readonly asked: readonly string[]
}

export function ReportView({ report, asked }: Props) {
  const { created, updated, skipped, conflict, error, problems, warnings, changes } = report
  const num_asked = problems.filter(({ value = '' }) => asked.includes(value)).length
  return (
    <>
      <dl className={classes.counts}>
        <Count value={created} label={<Trans>new</Trans>} />
        <Count value={updated} label={<Trans>changed</Trans>} />
        <Count value={skipped} label={<Trans>known already</Trans>} />
        <Count value={conflict} label={<Trans>in conflict</Trans>} is_bad />
        <Count value={error} label={<Trans>with an error</Trans>} is_bad />
      </dl>
      <Recognised report={report} />
      <Lines
        title={<Trans>Rows that are not saved as they are</Trans>}
        total={conflict + error - num_asked}
        rows={problems
          .filter(({ value = '' }) => !asked.includes(value))
          .map(({ line, column, reason, value }) => ({ line, what: column, text: reason, value }))}
      />
      <Lines
        title={<Trans>Rows that are saved, but are odd</Trans>}
        total={report.num_warnings}
        rows={warnings.map(({ line, column, reason, value }) => ({ line, what: column, text: reason, value }))}
      />
      <Lines
        title={<Trans>What changes on known bookings</Trans>}
        total={report.num_changes}
        rows={changes.map(({ line, code, field, before, after }) => ({
          line,
          what: code,
          text: field,
          value: `${before === '' ? '–' : before} → ${after}`,
        }))}
      />
    </>
  )
}

function Count({ value, label, is_bad }: { value: number; label: ReactNode; is_bad?: true }) {
  return (
    <div className={classes.count} data-bad={(is_bad && value > 0) || undefined}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function Recognised({ report: { format, columns, ignored, notes } }: { readonly report: Report }) {
  const columnName = useColumnNames()
  return (
    <details>
      <summary className={classes.summary}>
        <Trans>Recognised as: {format}</Trans>
      </summary>
      <table className={classes.table}>
        <tbody>
          {Object.entries(columns).map(([field, column]) => (
            <tr key={field}>
              <th scope="row">{columnName(field)}</th>
              <td>{column}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {ignored.length > 0 && (
        <Text c="dimmed">
          <Trans>Columns that are not read: {ignored.join(', ')}</Trans>
        </Text>
      )}
      {notes.map((note) => (
        <Text key={note} c="dimmed">
          {note}
        </Text>
      ))}
    </details>
  )
}

interface Line {
  readonly line: number
  readonly what: string | null
  readonly text: string
  readonly value: string | undefined
}

function Lines({ title, total, rows }: { title: ReactNode; total: number; rows: readonly Line[] }) {
  const { t } = useLingui()
  if (rows.length === 0) return null
  return (
    <div>
      <h2 className={classes.title}>
        {title} <span className="dim">{total}</span>
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keys. */}
      <section className={classes.lines} tabIndex={0} aria-label={t`Rows`}>
        <table className={classes.table}>
          <tbody>
            {rows.map(({ line, what, text, value }, n) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row can have several entries, and the list never changes.
              <tr key={n}>
                <th scope="row">
                  <Trans>Line {line}</Trans>
                </th>
                <td className={classes.column}>{what}</td>
                <td>{text}</td>
                <td className={classes.value}>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {total > rows.length && (
        <Text c="dimmed">
          <Plural value={total - rows.length} one="and # more" other="and # more" />
        </Text>
      )}
    </div>
  )
}
