// The two header rows of the grid, months and days, and how many homes are free on each day.
import { Trans, useLingui } from '@lingui/react/macro'
import { memo } from 'react'
import { type Day, dateOf, formatDay, isWeekend } from '../../../locales/days.ts'
import { useLocale } from '../../../locales/i18n.ts'
import type { Chunk } from '../chunk.ts'
import { type FreeHomes, freeOn } from '../free.ts'
import { type Geometry, type Span, xOf } from '../geometry.ts'
import classes from './grid.module.css'

interface Props {
  readonly geometry: Geometry
  readonly span: Span
  readonly today: Day
  readonly chunks: ReadonlyMap<number, Chunk>
}

export const Head = memo(function Head({ geometry, span, today, chunks }: Props) {
  const days = Array.from({ length: span.to - span.from }, (_, n) => span.from + n)
  return (
    <div className={classes.head} role="row" aria-rowindex={1}>
      <div className={classes.corner} role="columnheader" aria-colindex={1}>
        <Trans>Home</Trans>
        <span className={classes.corner_free}>
          <Trans>free</Trans>
        </span>
      </div>
      <div className={classes.head_days}>
        {monthsIn(span).map((month) => (
          <Month key={month.from} geometry={geometry} {...month} />
        ))}
        {days.map((day) => (
          <DayHead key={day} geometry={geometry} day={day} is_today={day === today} free={freeOn(chunks, day)} />
        ))}
      </div>
    </div>
  )
})

function Month({ geometry, from, to }: Span & { readonly geometry: Geometry }) {
  const locale = useLocale()
  // Not by transform: what is sticky inside ignores it.
  const style = { left: xOf(geometry, from), width: (to - from) * geometry.day_width }
  return (
    <div className={classes.month} style={style} aria-hidden>
      <span className={classes.month_name}>{formatDay(locale, from, 'month')}</span>
    </div>
  )
}

interface DayHeadProps {
  readonly geometry: Geometry
  readonly day: Day
  readonly is_today: boolean
  /** Undefined while it is not known. */
  readonly free: FreeHomes | undefined
}

function DayHead({ geometry, day, is_today, free }: DayHeadProps) {
  const { t } = useLingui()
  const locale = useLocale()
  const date = formatDay(locale, day, 'full')
  const share = free === undefined || free.num_homes === 0 ? 0 : 1 - free.num_free / free.num_homes
  return (
    <div
      className={classes.day}
      data-today={is_today || undefined}
      data-weekend={isWeekend(day) || undefined}
      role="columnheader"
      aria-colindex={day - geometry.first_day + 2}
      aria-label={free === undefined ? date : t`${date}, ${free.num_free} free`}
      style={{ transform: `translateX(${xOf(geometry, day)}px)`, width: geometry.day_width }}
    >
      <span className={classes.weekday}>{formatDay(locale, day, 'weekday')}</span>
      <span className={classes.number}>{Number(dateOf(day).slice(8))}</span>
      <span className={classes.free}>{free?.num_free}</span>
      <span className={classes.heat} style={{ opacity: share }} />
    </div>
  )
}

/** The months of a span, each with its days in it. */
function monthsIn({ from, to }: Span): Span[] {
  const months: Span[] = []
  let start = from
  for (let day = from + 1; day <= to; day += 1) {
    if (day !== to && !dateOf(day).endsWith('-01')) continue
    months.push({ from: start, to: day })
    start = day
  }
  return months
}
