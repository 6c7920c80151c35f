// The grid with everything that happens on it: clicks, drags, keys, the card of a bar, the menu of free nights.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { type PointerEvent, type RefObject, useState } from 'react'
import { useCan } from '../../api/me.ts'
import { type Day, useDays } from '../../locales/days.ts'
import { useOverlay, useOverlays } from '../../shell/overlays.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import type { Bar } from './bars.ts'
import classes from './calendar.module.css'
import type { Chunk } from './chunk.ts'
import { freeOn } from './free.ts'
import { dayAt, type Geometry } from './geometry.ts'
import { type Gesture, nightsOf, rowsOf } from './gestures.ts'
import { useBarTitle } from './names.ts'
import { CellMenu, type ChosenNights } from './parts/cell-menu.tsx'
import { ConfirmMove, type PlannedMove } from './parts/confirm-move.tsx'
import { Grid, head_height } from './parts/grid.tsx'
import { HoverCard } from './parts/hover-card.tsx'
import type { Search } from './search.ts'
import { useBarsOnScreen } from './use-bars.ts'
import { useGestures } from './use-gestures.ts'
import { useHover } from './use-hover.ts'
import { useKeys } from './use-keys.ts'
import { useMove } from './use-move.ts'
import { useNow } from './use-now.ts'
import type { Viewport } from './use-viewport.ts'
import { useVerdict } from './verdict.ts'

interface Props {
  readonly search: Search
  readonly geometry: Geometry
  readonly viewport: Viewport
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly chunks: ReadonlyMap<number, Chunk>
  readonly is_loading: boolean
  readonly today: Day
  readonly clearFilters: () => void
}

const row_height = 44

export function Board({ search, geometry, viewport, scroller, chunks, is_loading, today, clearFilters }: Props) {
  const { t } = useLingui()
  const can = useCan()
  const days = useDays()
  const barTitle = useBarTitle()
  const overlay = useOverlay()
  const overlays = useOverlays()
  const move = useMove()
  const [chosen, setChosen] = useState<ChosenNights>()
  const [planned, setPlanned] = useState<PlannedMove>()
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const screen = useBarsOnScreen({ chunks, search, closed, today })
  const { rows, barsOf, homeAt, todayOf } = screen
  const now = useNow(screen.has_holds)

  const barsAt = (row: number): readonly Bar[] => {
    const home = homeAt(row)
    return home === undefined ? [] : barsOf(home)
  }
  const barOn = (row: number, day: Day) =>
    barsAt(row).find(({ first_day, nights }) => first_day <= day && day < first_day + nights)
  const canMove = (bar: Bar) =>
    bar.version !== undefined &&
    ((bar.kind === 'booking' && can('bookings:update')) || (bar.kind === 'block' && can('blocks:write')))

  function open(bar: Bar): void {
    if (bar.id === undefined) return
    if (bar.kind === 'booking' || bar.kind === 'conflict') overlays.openBooking(bar.id)
    if (bar.kind === 'block') overlays.openBlock(bar.id)
    if (bar.kind === 'hold') overlays.openHold(bar.id)
  }

  function choose(first: number, last: number, nights: { from: Day; to: Day }, x: number, y: number): void {
    const property_ids = Array.from({ length: last - first + 1 }, (_, n) => homeAt(first + n)?.id).filter(
      (id) => id !== undefined,
    )
    if (property_ids.length > 0 && (can('bookings:create') || can('blocks:write')))
      setChosen({ property_ids, ...nights, x, y })
  }

  function drop(gesture: Gesture, event?: PointerEvent): void {
    if (gesture.kind === 'select') {
      const { first, last } = rowsOf(gesture)
      return choose(first, last, nightsOf(gesture), event?.clientX ?? 300, event?.clientY ?? 300)
    }
    const { bar, place } = gesture
    const home = homeAt(gesture.row)
    if (home === undefined || verdict?.is_possible === false) return
    if (bar.home_id === place.home_id && bar.first_day === place.first_day && bar.nights === place.nights) return
    const plan = { bar, place, home_name: home.name }
    if (needsConfirmation(bar, place)) setPlanned(plan)
    else void move(bar, place, home.name)
  }

  const gestures = useGestures({
    scroller,
    spotAt: (event) => spotAt(event, scroller.current, geometry),
    homeAt: (row) => homeAt(row)?.id,
    barAt: (row, key) => barsAt(row).find((bar) => bar.key === key),
    canMove,
    canSelect: can('bookings:create') || can('blocks:write'),
    onClick: ({ row, day }, bar, event) => {
      if (homeAt(row) === undefined) return
      scroller.current?.focus({ preventScroll: true })
      keys.moveTo(row, bar === undefined ? day : Math.floor(day))
      if (bar !== undefined) open(bar)
      else if (day >= today - 31) choose(row, row, { from: day, to: day + 1 }, event.clientX, event.clientY)
    },
    onDrop: drop,
  })
  const keys = useKeys({
    num_rows: rows.length,
    start: () => ({ row: 0, day: Math.max(today, viewport.from + 7) }),
    describe: (row, day) => {
      const bar = barOn(row, day)
      const what = bar === undefined ? t`free` : barTitle(bar, Date.now())
      return `${days.day(day, 'full')}, ${homeAt(row)?.name ?? ''}, ${what}`
    },
    homeAt: (row) => homeAt(row)?.id,
    barOn,
    canMove,
    onEnter: (row, day, bar) => {
      if (bar !== undefined) return open(bar)
      const box = scroller.current?.getBoundingClientRect()
      choose(row, row, { from: day, to: day + 1 }, (box?.left ?? 0) + geometry.side + 40, (box?.top ?? 0) + 120)
    },
    onDrop: (picked) => drop(picked),
    reveal: (row, day) => reveal(scroller.current, geometry, row, day),
  })
  const gesture = gestures.gesture ?? keys.move
  const moving = gesture?.kind === 'move' ? gesture : undefined
  const verdict = useVerdict(moving?.place, moving?.bar, moving === undefined ? [] : barsAt(moving.row))
  const hover = useHover((row, key) => barsAt(row).find((bar) => bar.key === key), gesture !== undefined)

  if (screen.homes.length === 0 && !is_loading)
    return <NoHomes is_filtered={screen.is_filtered} clearFilters={clearFilters} />
  return (
    <div className={classes.board}>
      {is_loading && <div className={classes.loading} aria-hidden />}
      <Grid
        scroller={scroller}
        geometry={geometry}
        viewport={viewport}
        row_height={row_height}
        rows={rows}
        barsOf={barsOf}
        todayOf={todayOf}
        today={today}
        now={now}
        freeOn={(day) => freeOn(chunks, day)}
        num_homes={screen.homes.length}
        gesture={gesture}
        verdict={verdict}
        cursor={keys.cursor}
        open_id={overlay.id}
        label={t`Calendar of ${screen.homes.length} homes`}
        handlers={{ ...gestures.handlers, ...hover.handlers, onKeyDown: keys.onKeyDown }}
        onToggleGroup={(name) => setClosed((now) => toggled(now, name))}
      />
      <div className="visually-hidden" aria-live="assertive">
        {verdict === undefined
          ? keys.cursor?.label
          : verdict.is_possible
            ? verdict.text
            : t`Not possible. ${verdict.text}`}
      </div>
      <HoverCard hovered={hover.hovered} />
      <CellMenu chosen={chosen} onClose={() => setChosen(undefined)} />
      <ConfirmMove
        planned={planned}
        onClose={() => setPlanned(undefined)}
        onConfirm={({ bar, place, home_name }) => void move(bar, place, home_name)}
      />
    </div>
  )
}

/** What changes the price, or contradicts a channel, is shown before it is done. */
function needsConfirmation(bar: Bar, place: { home_id: string; nights: number }): boolean {
  if (bar.kind !== 'booking') return false
  const is_sold = bar.source !== 'direct' && bar.source !== 'manual'
  return is_sold || bar.nights !== place.nights || bar.home_id !== place.home_id
}

function spotAt(event: PointerEvent, box: HTMLDivElement | null, geometry: Geometry) {
  if (box === null) return undefined
  const { left, top } = box.getBoundingClientRect()
  const [x, y] = [event.clientX - left - geometry.side, event.clientY - top - head_height]
  if (x < 0 || y < 0) return undefined
  const half = geometry.day_width / 2
  return { row: Math.floor((y + box.scrollTop) / row_height), day: dayAt(geometry, x + box.scrollLeft - half) }
}

function reveal(box: HTMLDivElement | null, geometry: Geometry, row: number, day: Day): void {
  if (box === null) return
  const left = (day - geometry.first_day) * geometry.day_width
  const top = row * row_height
  const width = box.clientWidth - geometry.side
  const height = box.clientHeight - head_height
  const x =
    left < box.scrollLeft
      ? left - 2 * geometry.day_width
      : left + geometry.day_width > box.scrollLeft + width
        ? left - width + 3 * geometry.day_width
        : box.scrollLeft
  const y =
    top < box.scrollTop ? top : top + row_height > box.scrollTop + height ? top - height + row_height : box.scrollTop
  if (x !== box.scrollLeft || y !== box.scrollTop) box.scrollTo(x, y)
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(names)
  if (!next.delete(name)) next.add(name)
  return next
}

function NoHomes({ is_filtered, clearFilters }: { readonly is_filtered: boolean; readonly clearFilters: () => void }) {
  if (!is_filtered)
    return (
      <EmptyState title={<Trans>There are no homes yet</Trans>}>
        <Trans>When the first home is added, its calendar appears here.</Trans>
      </EmptyState>
    )
  return (
    <EmptyState
      title={<Trans>No home matches these filters</Trans>}
      action={
        <Button variant="default" onClick={clearFilters}>
          <Trans>Clear all filters</Trans>
        </Button>
      }
    />
  )
}
