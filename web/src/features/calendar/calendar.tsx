// The calendar page: reads what is on the screen, and shows it with its filters.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconChevronLeft, IconChevronRight, IconPlus } from '@tabler/icons-react'
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router'
import { useCallback, useMemo, useRef } from 'react'
import { useToday } from '../../api/agency.ts'
import { useCan } from '../../api/me.ts'
import { type Day, dateOf, dayOf } from '../../locales/days.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { ErrorState } from '../../ui/error-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { Board } from './board.tsx'
import classes from './calendar.module.css'
import { chunkOf } from './chunk.ts'
import { days_ahead, days_back, type Geometry } from './geometry.ts'
import { Filters } from './parts/filters.tsx'
import { filtersOf, useChunks } from './queries.ts'
import { day_widths, nextZoom, type Search } from './search.ts'
import { useViewport } from './use-viewport.ts'

/** Days before today at the left edge at first. */
const lead_days = 2

export function CalendarPage() {
  const can = useCan()
  const search = useSearch({ from: '/shell/calendar' })
  const change = useChange()
  const { newBooking, newBlock } = useOverlays()
  const today = useToday()
  const geometry = useGeometry(search, today)
  const text_input = useRef<HTMLInputElement>(null)
  const start = search.day === undefined ? today - lead_days : dayOf(search.day)
  const onRest = useCallback((day: Day) => change({ day: dateOf(day) }), [change])
  const viewport = useViewport({ geometry, start, onRest })
  const numbers = chunkNumbers(viewport.from, viewport.to)
  const calendar = useChunks(numbers, filtersOf(search))
  const goToday = () => viewport.scrollTo(today - lead_days)
  useShortcuts({
    t: goToday,
    '/': () => text_input.current?.focus(),
    '+': () => change({ zoom: nextZoom(search.zoom, 'closer') ?? search.zoom }),
    '-': () => change({ zoom: nextZoom(search.zoom, 'wider') ?? search.zoom }),
    ...(can('bookings:create') && { n: () => newBooking() }),
    ...(can('blocks:write') && { b: () => newBlock() }),
  })
  return (
    <div className={classes.page}>
      <PageHeader
        title={<Trans>Calendar</Trans>}
        actions={
          <Actions onEarlier={() => viewport.scrollPage(-1)} onToday={goToday} onLater={() => viewport.scrollPage(1)} />
        }
      >
        <Filters search={search} change={change} text_input={text_input} />
      </PageHeader>
      {calendar.error !== undefined && calendar.chunks.size > 0 && (
        <div className={classes.incomplete} role="alert">
          <Trans>Some days could not be read, and look free.</Trans>
          <Button variant="default" size="compact-sm" onClick={calendar.retry}>
            <Trans>Try again</Trans>
          </Button>
        </div>
      )}
      {calendar.error !== undefined && calendar.chunks.size === 0 ? (
        <ErrorState error={calendar.error} retry={calendar.retry} />
      ) : (
        <Board
          search={search}
          geometry={geometry}
          viewport={viewport}
          chunks={calendar.chunks}
          is_loading={calendar.is_loading}
          today={today}
          clearFilters={() =>
            change({
              q: undefined,
              city: undefined,
              guests: undefined,
              free_from: undefined,
              free_to: undefined,
              attention: undefined,
            })
          }
        />
      )}
    </div>
  )
}

interface ActionsProps {
  readonly onEarlier: () => void
  readonly onToday: () => void
  readonly onLater: () => void
}

function Actions({ onEarlier, onToday, onLater }: ActionsProps) {
  const { t } = useLingui()
  const can = useCan()
  const { newBooking } = useOverlays()
  return (
    <>
      <Button.Group>
        <Button variant="default" px={8} aria-label={t`Earlier`} onClick={onEarlier}>
          <IconChevronLeft size={16} />
        </Button>
        <Button variant="default" px="sm" onClick={onToday}>
          <Trans>Today</Trans>
        </Button>
        <Button variant="default" px={8} aria-label={t`Later`} onClick={onLater}>
          <IconChevronRight size={16} />
        </Button>
      </Button.Group>
      {can('bookings:create') && (
        <>
          <Button visibleFrom="sm" leftSection={<IconPlus size={16} />} onClick={() => newBooking()}>
            <Trans>New booking</Trans>
          </Button>
          <Button hiddenFrom="sm" px={10} aria-label={t`New booking`} onClick={() => newBooking()}>
            <IconPlus size={16} />
          </Button>
        </>
      )}
    </>
  )
}

/** Changes parts of the address; undefined removes one. */
function useChange() {
  const navigate = useNavigate({ from: '/calendar' })
  const { history } = useRouter()
  return useCallback(
    (next: Partial<Record<keyof Search, unknown>>) => {
      // Another page is being loaded: a change of this one would cancel that.
      if (history.location.pathname !== '/calendar') return
      const search = (before: object) =>
        Object.fromEntries(Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined))
      void navigate({ search: search as never, replace: true, resetScroll: false })
    },
    [navigate, history],
  )
}

function useGeometry({ zoom = 'month' }: Search, today: Day): Geometry {
  const is_phone = useMediaQuery('(max-width: 48em)', window.innerWidth <= 768)
  return useMemo(
    () => ({
      first_day: today - days_back,
      num_days: days_back + days_ahead,
      day_width: is_phone ? 40 : day_widths[zoom],
      side: is_phone ? 112 : 224,
    }),
    [zoom, is_phone, today],
  )
}

/** The chunks on the screen, and one on each side. */
function chunkNumbers(from: Day, to: Day): number[] {
  const [first, last] = [chunkOf(from) - 1, chunkOf(to) + 1]
  return Array.from({ length: last - first + 1 }, (_, n) => first + n)
}
