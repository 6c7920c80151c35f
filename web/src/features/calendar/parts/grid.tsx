// The grid: virtual rows of homes, columns by arithmetic, and what the pointer and the keys do in it.
import { useVirtualizer } from '@tanstack/react-virtual'
import { type CSSProperties, type RefObject, useRef } from 'react'
import type { Day } from '../../../locales/days.ts'
import type { Bar, Home } from '../bars.ts'
import type { Geometry } from '../geometry.ts'
import { weekdayOffset, xOf } from '../geometry.ts'
import { type Gesture, nightsOf, rowsOf } from '../gestures.ts'
import type { GridRow } from '../rows.ts'
import type { Cursor } from '../use-keys.ts'
import type { Viewport } from '../use-viewport.ts'
import type { Verdict } from '../verdict.ts'
import { Ghost } from './ghost.tsx'
import classes from './grid.module.css'
import { GroupRow } from './group-row.tsx'
import { Head } from './head.tsx'
import { Row } from './row.tsx'

export const head_height = 84

interface Props {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly geometry: Geometry
  readonly viewport: Viewport
  readonly row_height: number
  readonly rows: readonly GridRow[]
  readonly barsOf: (home: Home) => readonly Bar[]
  readonly todayOf: (home: Home) => Day
  readonly today: Day
  readonly now: number
  readonly freeOn: (day: Day) => number | undefined
  readonly num_homes: number
  readonly gesture: Gesture | undefined
  readonly verdict: Verdict | undefined
  readonly cursor: Cursor | undefined
  readonly open_id: string | undefined
  readonly label: string
  readonly handlers: object
  readonly onToggleGroup: (name: string) => void
}

export function Grid(props: Props) {
  const { scroller, geometry, viewport, row_height, rows, gesture, cursor } = props
  const body = useRef<HTMLDivElement>(null)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
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
      ref={scroller}
      className={classes.scroller}
      style={style}
      role="grid"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a grid takes the focus (ARIA grid pattern); its cells are not elements.
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-colcount={geometry.num_days + 1}
      aria-activedescendant={cursor === undefined ? undefined : 'calendar-cursor'}
      {...props.handlers}
    >
      <Head geometry={geometry} span={viewport} today={props.today} freeOn={props.freeOn} num_homes={props.num_homes} />
      <div ref={body} className={classes.body} style={{ height: virtual.getTotalSize() }}>
        <div className={classes.shade} />
        <div className={classes.today} style={{ transform: `translateX(${xOf(geometry, props.today)}px)` }} />
        {virtual.getVirtualItems().map(({ index, start }) => (
          <GridRowView key={index} {...props} index={index} top={start - head_height} />
        ))}
        {gesture?.kind === 'select' && <SelectedNights geometry={geometry} gesture={gesture} row_height={row_height} />}
        {gesture?.kind === 'move' && (
          <Ghost geometry={geometry} move={gesture} row_height={row_height} verdict={props.verdict} />
        )}
        {cursor !== undefined && <CursorCell geometry={geometry} cursor={cursor} row_height={row_height} />}
      </div>
    </div>
  )
}

function GridRowView({ index, top, ...props }: Props & { readonly index: number; readonly top: number }) {
  const row = props.rows[index]
  if (row === undefined) return null
  if (row.kind === 'group') return <GroupRow row={row} top={top} index={index} onToggle={props.onToggleGroup} />
  return (
    <Row
      home={row.home}
      bars={props.barsOf(row.home)}
      geometry={props.geometry}
      span={props.viewport}
      today={props.todayOf(row.home)}
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
  readonly row_height: number
}

function SelectedNights({ geometry, gesture, row_height }: SelectedProps) {
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
  readonly row_height: number
}

function CursorCell({ geometry, cursor, row_height }: CursorProps) {
  const style = {
    transform: `translate(${xOf(geometry, cursor.day)}px, ${cursor.row * row_height}px)`,
    width: geometry.day_width,
    height: row_height,
  }
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names this cell as its active one.
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
