// The grid: virtual rows of homes, columns by arithmetic, and what the pointer and the keys do in it.
import { useVirtualizer } from '@tanstack/react-virtual'
import type { CSSProperties } from 'react'
import type { Day } from '../../../locales/days.ts'
import type { Chunk } from '../chunk.ts'
import { type Geometry, weekdayOffset, xOf } from '../geometry.ts'
import { type Gesture, nightsOf, rowsOf } from '../gestures.ts'
import { head_height, row_height } from '../spots.ts'
import type { BarsOnScreen } from '../use-bars.ts'
import type { Cursor } from '../use-keys.ts'
import type { Viewport } from '../use-viewport.ts'
import type { Verdict } from '../verdict.ts'
import { Ghost } from './ghost.tsx'
import classes from './grid.module.css'
import { GroupRow } from './group-row.tsx'
import { Head } from './head.tsx'
import { Row } from './row.tsx'

interface Props {
  readonly geometry: Geometry
  readonly viewport: Viewport
  readonly screen: BarsOnScreen
  readonly today: Day
  /** For what counts down. */
  readonly now: number
  readonly chunks: ReadonlyMap<number, Chunk>
  readonly gesture: Gesture | undefined
  readonly verdict: Verdict | undefined
  readonly cursor: Cursor | undefined
  readonly open_id: string | undefined
  readonly label: string
  readonly handlers: object
  readonly onToggleGroup: (name: string) => void
}

export function Grid(props: Props) {
  const { geometry, viewport, screen, gesture, cursor } = props
  const { rows } = screen
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => viewport.box,
    estimateSize: () => row_height,
    scrollMargin: head_height,
    overscan: 6,
  })
  const width = geometry.num_days * geometry.day_width
  const style = {
    '--side': `${geometry.side}px`,
    '--days': `${width}px`,
    '--day': `${geometry.day_width}px`,
    '--row': `${row_height}px`,
    '--monday': weekdayOffset(geometry),
  } as CSSProperties
  return (
    <div
      ref={viewport.attach}
      className={classes.scroller}
      style={style}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-colcount={geometry.num_days + 1}
      aria-activedescendant={cursor === undefined ? undefined : 'calendar-cursor'}
      {...props.handlers}
    >
      <Head geometry={geometry} span={viewport} today={props.today} chunks={props.chunks} />
      <div className={classes.body} style={{ height: virtual.getTotalSize() }}>
        <div className={classes.shade} />
        <div className={classes.today} style={{ transform: `translateX(${xOf(geometry, props.today)}px)` }} />
        {virtual.getVirtualItems().map(({ index, start }) => (
          <GridRowView key={index} {...props} index={index} top={start - head_height} />
        ))}
        {gesture?.kind === 'select' && <SelectedNights geometry={geometry} gesture={gesture} />}
        {gesture?.kind === 'move' && <Ghost geometry={geometry} move={gesture} verdict={props.verdict} />}
        {cursor !== undefined && <CursorCell geometry={geometry} cursor={cursor} />}
      </div>
    </div>
  )
}

function GridRowView({ index, top, ...props }: Props & { readonly index: number; readonly top: number }) {
  const row = props.screen.rows[index]
  if (row === undefined) return null
  if (row.kind === 'group') return <GroupRow row={row} top={top} index={index} onToggle={props.onToggleGroup} />
  return (
    <Row
      home={row.home}
      bars={props.screen.barsOf(row.home)}
      geometry={props.geometry}
      span={props.viewport}
      today={props.screen.todayOf(row.home)}
      now={props.now}
      top={top}
      index={index}
      open_id={props.open_id}
    />
  )
}

interface SelectedProps {
  readonly geometry: Geometry
  readonly gesture: Extract<Gesture, { kind: 'select' }>
}

function SelectedNights({ geometry, gesture }: SelectedProps) {
  const { from, to } = nightsOf(gesture)
  const { first, last } = rowsOf(gesture)
  const style = {
    transform: `translate(${xOf(geometry, from + 0.5)}px, ${first * row_height}px)`,
    width: (to - from) * geometry.day_width,
    height: (last - first + 1) * row_height,
  }
  return <div className={classes.selected} style={style} />
}

interface CursorProps {
  readonly geometry: Geometry
  readonly cursor: Cursor
}

function CursorCell({ geometry, cursor }: CursorProps) {
  const style = {
    transform: `translate(${xOf(geometry, cursor.day)}px, ${cursor.row * row_height}px)`,
    width: geometry.day_width,
    height: row_height,
  }
  return (
    // The grid has the focus and names this cell as its active one.
    <div
      id="calendar-cursor"
      className={classes.cursor}
      role="gridcell"
      aria-colindex={cursor.day - geometry.first_day + 2}
      aria-label={cursor.label}
      style={style}
    />
  )
}
