// Where a bar would be dropped, with the verdict in words.
import type { Geometry } from '../geometry.ts'
import { extentOf } from '../geometry.ts'
import type { Move } from '../gestures.ts'
import { row_height } from '../spots.ts'
import type { Verdict } from '../verdict.ts'
import bar from './bar.module.css'
import classes from './grid.module.css'

interface Props {
  readonly geometry: Geometry
  readonly move: Move
  readonly verdict: Verdict | undefined
}

export function Ghost({ geometry, move, verdict }: Props) {
  const { x, width } = extentOf(geometry, move.place.first_day, move.place.nights)
  const is_refused = verdict?.is_possible === false
  return (
    <div className={classes.ghost_row} style={{ transform: `translateY(${move.row * row_height}px)` }}>
      <div className={`${bar.ghost} ${is_refused ? bar.refused : ''}`} style={{ left: x, width }}>
        <span className={bar.verdict}>{verdict?.text}</span>
      </div>
    </div>
  )
}
