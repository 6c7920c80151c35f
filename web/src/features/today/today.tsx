// Today: who arrives, leaves and stays, and what needs a decision.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconPrinter } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCan } from '../../api/me.ts'
import { dateOf, dayOf, useDays } from '../../locales/days.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { Open, Urgent } from './parts/attention.tsx'
import { BookingList } from './parts/booking-list.tsx'
import { Counters } from './parts/counters.tsx'
import { todayQuery } from './queries.ts'
import classes from './today.module.css'

export function TodayPage() {
  const { t } = useLingui()
  const can = useCan()
  const days = useDays()
  const { day } = useSearch({ from: '/shell/today' })
  const { data: today } = useSuspenseQuery(todayQuery(day))
  const { newBooking } = useOverlays()
  const goTo = useGoTo(dayOf(today.day))
  useShortcuts({
    t: () => goTo(undefined),
    ...(can('bookings:create') && { n: () => newBooking() }),
  })
  const is_quiet = [today.arrivals, today.departures, today.in_house].every(({ total }) => total === 0)
  return (
    <>
      <PageHeader
        title={<Trans>Today</Trans>}
        actions={
          <>
            <Button.Group>
              <Button variant="default" px={8} aria-label={t`The day before`} onClick={() => goTo(-1)}>
                <IconChevronLeft size={16} />
              </Button>
              <Button variant="default" px="sm" onClick={() => goTo(undefined)}>
                <Trans>Today</Trans>
              </Button>
              <Button variant="default" px={8} aria-label={t`The day after`} onClick={() => goTo(1)}>
                <IconChevronRight size={16} />
              </Button>
            </Button.Group>
            <Button
              className={classes.no_print}
              variant="default"
              px={10}
              visibleFrom="sm"
              aria-label={t`Print`}
              onClick={() => window.print()}
            >
              <IconPrinter size={16} />
            </Button>
          </>
        }
      >
        <span className="dim">{days.date(today.day, 'full')}</span>
      </PageHeader>
      <div className={classes.page}>
        <Counters today={today} />
        <Urgent today={today} />
        {is_quiet && (
          <EmptyState title={<Trans>A quiet day</Trans>}>
            <Trans>Nobody arrives, leaves or stays.</Trans>
          </EmptyState>
        )}
        <div className={classes.columns}>
          <BookingList id="arrivals" title={<Trans>Arrivals</Trans>} list={today.arrivals} step="checked_in" />
          <BookingList id="departures" title={<Trans>Departures</Trans>} list={today.departures} step="checked_out" />
          <BookingList id="in_house" title={<Trans>In house</Trans>} list={today.in_house} />
        </div>
        <Open today={today} />
      </div>
    </>
  )
}

/** Goes to another day; undefined is today. */
function useGoTo(day: number) {
  const navigate = useNavigate({ from: '/today' })
  return (days: number | undefined) =>
    void navigate({ search: days === undefined ? {} : { day: dateOf(day + days) }, replace: true })
}
