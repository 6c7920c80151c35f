// One row of the grid: the home, and what takes its nights.
import { Trans } from '@lingui/react/macro'
import { memo } from 'react'
import type { Day } from '../../../locales/days.ts'
import type { Bar, Home } from '../bars.ts'
import type { Geometry, Span } from '../geometry.ts'
import { BarView } from './bar.tsx'
import classes from './grid.module.css'

interface Props {
  readonly home: Home
  readonly bars: readonly Bar[]
  readonly geometry: Geometry
  readonly span: Span
  readonly today: Day
  readonly now: number
  readonly top: number
  readonly index: number
  readonly open_id: string | undefined
}

export const Row = memo(function Row({ home, bars, geometry, span, today, now, top, index, open_id }: Props) {
  const shown = bars.filter(({ first_day, nights }) => first_day < span.to && first_day + nights >= span.from)
  return (
    <div
      className={classes.row}
      role="row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
      data-row={index}
    >
      <div className={classes.home} role="rowheader" aria-colindex={1}>
        <span className={classes.home_name}>{home.name}</span>
        <span className={classes.home_facts}>
          {!home.is_active && (
            <>
              <Trans>not active</Trans>
              {' · '}
            </>
          )}
          {[home.city, home.max_guests !== undefined && `${home.max_guests} P`].filter(Boolean).join(' · ')}
        </span>
      </div>
      <div className={classes.lane}>
        {shown.map((bar) => (
          <BarView
            key={bar.key}
            bar={bar}
            geometry={geometry}
            today={today}
            now={bar.kind === 'hold' ? now : 0}
            lane={laneOf(bar, bars)}
            is_open={open_id !== undefined && open_id === bar.id}
          />
        ))}
      </div>
    </div>
  )
})

/** Two that claim the same nights are drawn as two bands. */
function laneOf(bar: Bar, bars: readonly Bar[]): 'whole' | 'upper' | 'lower' {
  if (bar.kind === 'conflict') return 'lower'
  const is_contested = bars.some(
    (other) =>
      other.kind === 'conflict' &&
      other.first_day < bar.first_day + bar.nights &&
      bar.first_day < other.first_day + other.nights,
  )
  return is_contested ? 'upper' : 'whole'
}
