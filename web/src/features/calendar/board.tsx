// The grid of the calendar with the card of a bar, the menu of free nights, and the question before a move.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Day } from '../../locales/days.ts'
import { useOverlay } from '../../shell/overlays.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import classes from './calendar.module.css'
import type { Chunk } from './chunk.ts'
import type { Geometry } from './geometry.ts'
import { CellMenu } from './parts/cell-menu.tsx'
import { ConfirmMove } from './parts/confirm-move.tsx'
import { Grid } from './parts/grid.tsx'
import { HoverCard } from './parts/hover-card.tsx'
import type { Search } from './search.ts'
import { useBarsOnScreen } from './use-bars.ts'
import { useHover } from './use-hover.ts'
import { useInteractions } from './use-interactions.ts'
import { useNow } from './use-now.ts'
import type { Viewport } from './use-viewport.ts'

interface Props {
  readonly search: Search
  readonly geometry: Geometry
  readonly viewport: Viewport
  readonly chunks: ReadonlyMap<number, Chunk>
  readonly is_loading: boolean
  readonly today: Day
  readonly clearFilters: () => void
}

export function Board({ search, geometry, viewport, chunks, is_loading, today, clearFilters }: Props) {
  const { t } = useLingui()
  const overlay = useOverlay()
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const screen = useBarsOnScreen({ chunks, search, closed })
  const now = useNow(screen.has_holds)
  const toggleGroup = (name: string) => setClosed((before) => toggled(before, name))
  const { gesture, verdict, cursor, handlers, choice, drop, barAt } = useInteractions({
    screen,
    geometry,
    box: viewport.box,
    today,
    toggleGroup,
  })
  const hover = useHover(barAt, gesture !== undefined)
  const spoken =
    verdict === undefined ? cursor?.label : verdict.is_possible ? verdict.text : t`Not possible. ${verdict.text}`

  if (screen.homes.length === 0 && !is_loading)
    return <NoHomes is_filtered={screen.is_filtered} clearFilters={clearFilters} />
  return (
    <div className={classes.board}>
      {is_loading && <div className={classes.loading} aria-hidden />}
      <Grid
        geometry={geometry}
        viewport={viewport}
        screen={screen}
        today={today}
        now={now}
        chunks={chunks}
        gesture={gesture}
        verdict={verdict}
        cursor={cursor}
        open_id={overlay.id}
        label={t`Calendar of ${screen.homes.length} homes`}
        handlers={{ ...handlers, ...hover.handlers }}
        onToggleGroup={(name) => {
          toggleGroup(name)
          viewport.box?.focus({ preventScroll: true })
        }}
      />
      <div className="visually-hidden" aria-live="assertive">
        {spoken}
      </div>
      {verdict !== undefined && (
        <div className={classes.verdict} data-refused={!verdict.is_possible || undefined} aria-hidden>
          {verdict.text}
        </div>
      )}
      <HoverCard hovered={hover.hovered} />
      <CellMenu chosen={choice.chosen} onClose={choice.close} />
      <ConfirmMove planned={drop.planned} onClose={drop.cancel} onConfirm={drop.confirm} />
    </div>
  )
}

function toggled(names: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(names)
  if (!next.delete(name)) next.add(name)
  return next
}

interface NoHomesProps {
  readonly is_filtered: boolean
  readonly clearFilters: () => void
}

function NoHomes({ is_filtered, clearFilters }: NoHomesProps) {
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
