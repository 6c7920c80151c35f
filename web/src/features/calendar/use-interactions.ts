// Everything that happens on the grid: clicks, drags and keys, and what they lead to.
import { useLingui } from '@lingui/react/macro'
import { type PointerEvent, useState } from 'react'
import { useCan } from '../../api/me.ts'
import { type Day, useDays } from '../../locales/days.ts'
import { useOverlays } from '../../shell/overlays.ts'
import type { Bar } from './bars.ts'
import type { Geometry } from './geometry.ts'
import { type Gesture, isRefused, type Move, nightsOf, rowsOf, type Selection } from './gestures.ts'
import { isAt } from './moves.ts'
import { useBarTitle, useGroupName } from './names.ts'
import type { ChosenNights } from './parts/cell-menu.tsx'
import type { PlannedMove } from './parts/confirm-move.tsx'
import { firstInView, reveal, spotAt } from './spots.ts'
import type { BarsOnScreen } from './use-bars.ts'
import { useGestures } from './use-gestures.ts'
import { useKeys } from './use-keys.ts'
import { useMove } from './use-move.ts'
import { useVerdict } from './verdict.ts'

interface Options {
  readonly screen: BarsOnScreen
  readonly geometry: Geometry
  /** The grid. */
  readonly box: HTMLDivElement | null
  readonly today: Day
  readonly toggleGroup: (name: string) => void
}

/** How far back free nights can be chosen. */
const max_days_back = 31

export function useInteractions({ screen, geometry, box, today, toggleGroup }: Options) {
  const { rows, homeAt } = screen
  const describe = useDescription(screen)
  const openBar = useOpenBar()
  const canMove = useCanMove()
  const choice = useChoice(screen)
  const drop = useDrop(screen)
  const { barsAt, barOn, barAt } = lookUp(screen)

  function finish(gesture: Gesture, event?: PointerEvent): void {
    if (gesture.kind === 'select') choice.choose(gesture, event)
    else if (!isRefused(gesture, barsAt(gesture.row), moving?.place, verdict)) drop.move(gesture)
  }

  const keys = useKeys({
    num_rows: rows.length,
    start: () => firstInView(box, geometry, today),
    describe: (row, day) => describe(row, day, barOn(row, day)),
    homeAt: (row) => homeAt(row)?.id,
    barOn,
    canMove,
    onEnter: (row, day, bar) => {
      const at = rows[row]
      if (at?.kind === 'group') toggleGroup(at.name)
      else if (bar === undefined) choice.choose(oneNight(row, day))
      else openBar(bar)
    },
    onDrop: finish,
    reveal: (row, day) => reveal(box, geometry, row, day),
  })
  const gestures = useGestures({
    box,
    spotAt: (event) => spotAt(event, box, geometry),
    homeAt: (row) => homeAt(row)?.id,
    barAt,
    canMove,
    canSelect: choice.can_choose,
    onClick: ({ row, day }, bar, event) => {
      if (homeAt(row) === undefined) return
      box?.focus({ preventScroll: true })
      keys.moveTo(row, day)
      if (bar !== undefined) openBar(bar)
      else if (day >= today - max_days_back) choice.choose(oneNight(row, day), event)
    },
    onDrop: finish,
  })
  const gesture = gestures.gesture ?? keys.move
  const moving = gesture?.kind === 'move' ? gesture : undefined
  const verdict = useVerdict(moving?.place, moving?.bar, moving === undefined ? [] : barsAt(moving.row))
  return {
    gesture,
    verdict,
    barAt,
    cursor: keys.cursor,
    handlers: { ...gestures.handlers, onKeyDown: keys.onKeyDown },
    choice,
    drop,
  }
}

const oneNight = (row: number, day: Day): Selection => ({ kind: 'select', row, to_row: row, day, to_day: day })

function lookUp({ homeAt, barsOf }: BarsOnScreen) {
  const barsAt = (row: number): readonly Bar[] => {
    const home = homeAt(row)
    return home === undefined ? [] : barsOf(home)
  }
  return {
    barsAt,
    barAt: (row: number, key: string) => barsAt(row).find((bar) => bar.key === key),
    barOn: (row: number, day: Day) =>
      barsAt(row).find(({ first_day, nights }) => first_day <= day && day < first_day + nights),
  }
}

/** What is on a day of a home, for screen readers. */
function useDescription({ rows }: BarsOnScreen) {
  const { t } = useLingui()
  const days = useDays()
  const barTitle = useBarTitle()
  const groupName = useGroupName()
  return (row: number, day: Day, bar: Bar | undefined) => {
    const at = rows[row]
    if (at === undefined) return ''
    if (at.kind === 'group') return groupName(at)
    const what = bar === undefined ? t`free` : barTitle(bar, Date.now())
    return `${days.day(day, 'full')}, ${at.home.name}, ${what}`
  }
}

function useOpenBar(): (bar: Bar) => void {
  const { openBooking, openBlock, openHold } = useOverlays()
  return ({ kind, id }) => {
    if (id === undefined) return
    if (kind === 'block') openBlock(id)
    else if (kind === 'hold') openHold(id)
    else openBooking(id)
  }
}

function useCanMove(): (bar: Bar) => boolean {
  const can = useCan()
  const allowed = { booking: can('bookings:update'), block: can('blocks:write') }
  return ({ kind, version }) => version !== undefined && (kind === 'booking' || kind === 'block') && allowed[kind]
}

/** Free nights that were chosen: the menu asks what to do with them. */
function useChoice({ homeAt }: BarsOnScreen) {
  const can = useCan()
  const [chosen, setChosen] = useState<ChosenNights>()
  const can_choose = can('bookings:create') || can('blocks:write')
  function choose(selection: Selection, event?: PointerEvent): void {
    const { first, last } = rowsOf(selection)
    const property_ids = Array.from({ length: last - first + 1 }, (_, n) => homeAt(first + n)?.id).filter(
      (id) => id !== undefined,
    )
    if (property_ids.length === 0 || !can_choose) return
    const at = event ?? { clientX: window.innerWidth / 3, clientY: window.innerHeight / 3 }
    setChosen({ property_ids, ...nightsOf(selection), x: at.clientX, y: at.clientY })
  }
  return { chosen, can_choose, choose, close: () => setChosen(undefined) }
}

/** A bar that was dropped: moved at once, or after a question. */
function useDrop({ homeAt }: BarsOnScreen) {
  const save = useMove()
  const [planned, setPlanned] = useState<PlannedMove>()
  function move({ bar, place, row }: Move): void {
    const home = homeAt(row)
    if (home === undefined || isAt(bar, place)) return
    if (needsConfirmation(bar, place)) setPlanned({ bar, place, home_name: home.name })
    else void save(bar, place, home.name)
  }
  return {
    planned,
    move,
    cancel: () => setPlanned(undefined),
    confirm: ({ bar, place, home_name }: PlannedMove) => void save(bar, place, home_name),
  }
}

/** What changes the price, or contradicts a channel, is shown before it is done. */
function needsConfirmation(bar: Bar, place: { readonly home_id: string; readonly nights: number }): boolean {
  if (bar.kind !== 'booking') return false
  const is_sold = bar.source !== 'direct' && bar.source !== 'manual'
  return is_sold || bar.nights !== place.nights || bar.home_id !== place.home_id
}
