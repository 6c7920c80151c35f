// One bar of the calendar: who, how many, from where, how much is paid; its colour says what needs doing.
import { IconAlertTriangle } from '@tabler/icons-react'
import { memo } from 'react'
import type { Day } from '../../../locales/days.ts'
import { sources } from '../../../ui/sources.ts'
import { type Bar, paidShare, toneOf } from '../bars.ts'
import { extentOf, type Geometry } from '../geometry.ts'
import { useBarTitle } from '../names.ts'
import classes from './bar.module.css'

interface Props {
  readonly bar: Bar
  readonly geometry: Geometry
  readonly today: Day
  /** Renders a hold again each second. */
  readonly now: number
  /** The second of two that claim the same nights is drawn below the first. */
  readonly lane: 'whole' | 'upper' | 'lower'
  readonly is_open: boolean
}

const min_text_width = 30

export const BarView = memo(function BarView({ bar, geometry, today, now, lane, is_open }: Props) {
  const barTitle = useBarTitle()
  const { x, width } = extentOf(geometry, bar.first_day, bar.nights)
  const share = paidShare(bar)
  const tone = toneOf(bar, today)
  return (
    <div
      className={`${classes.bar} ${classes[tone]} ${classes[lane]}`}
      data-bar={bar.key}
      data-open={is_open || undefined}
      // Not by transform: the label inside is sticky, and sticky ignores transforms.
      style={{ left: x, width }}
    >
      <span className={classes.label}>
        {bar.kind === 'conflict' && <IconAlertTriangle size={13} className={classes.warning} aria-hidden />}
        {bar.source !== undefined && width > 44 && <span className={classes.letter}>{sources[bar.source].letter}</span>}
        {width > min_text_width && <span className={classes.title}>{barTitle(bar, now)}</span>}
        {bar.num_guests !== undefined && width > 130 && <span className={classes.people}>{bar.num_guests} P</span>}
      </span>
      {share !== undefined && (
        <span className={classes.tape} aria-hidden>
          <span className={classes.paid} style={{ width: `${share * 100}%` }} />
        </span>
      )}
      <span className={classes.edge} data-edge="start" />
      <span className={`${classes.edge} ${classes.end}`} data-edge="end" />
    </div>
  )
})
