// A year of one home: a row for each month, with what takes its nights.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Skeleton } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useToday } from '../../api/agency.ts'
import { api, bodyOf, type Schema } from '../../api/client.ts'
import { type Day, dateOf, dayOf, formatDay, isWeekend } from '../../locales/days.ts'
import { useLocale } from '../../locales/i18n.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { ErrorState } from '../../ui/error-state.tsx'
import classes from './year.module.css'

type Interval = Schema['Calendar']['intervals'][number]

export function PropertyYear({ property_id }: { readonly property_id: string }) {
  const { t } = useLingui()
  const today = useToday()
  const [year, setYear] = useState(() => Number(dateOf(today).slice(0, 4)))
  const query = { property_id, from: `${year}-01-01`, to: `${year + 1}-01-01` }
  const { data, error, refetch } = useQuery({
    queryKey: ['availability', 'year', property_id, year],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/availability', { params: { query }, signal })),
  })
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />
  return (
    <>
      <Group gap="xs" mb="sm">
        <Button variant="default" px={8} aria-label={t`The year before`} onClick={() => setYear(year - 1)}>
          <IconChevronLeft size={16} />
        </Button>
        <strong>{year}</strong>
        <Button variant="default" px={8} aria-label={t`The year after`} onClick={() => setYear(year + 1)}>
          <IconChevronRight size={16} />
        </Button>
      </Group>
      {data === undefined ? (
        <Skeleton height={420} />
      ) : (
        <div className={classes.year}>
          {Array.from({ length: 12 }, (_, month) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the months of a year.
            <Month key={month} year={year} month={month} intervals={data.intervals} today={dayOf(data.today)} />
          ))}
        </div>
      )}
      <Legend />
    </>
  )
}

interface MonthProps {
  readonly year: number
  readonly month: number
  readonly intervals: readonly Interval[]
  readonly today: Day
}

function Month({ year, month, intervals, today }: MonthProps) {
  const locale = useLocale()
  const { openBooking, openBlock, openHold } = useOverlays()
  const from = dayOf(`${year}-${String(month + 1).padStart(2, '0')}-01`)
  const to = month === 11 ? dayOf(`${year + 1}-01-01`) : dayOf(`${year}-${String(month + 2).padStart(2, '0')}-01`)
  function open({ booking_id, block_id, hold_id }: Interval): void {
    if (booking_id !== undefined) openBooking(booking_id)
    else if (block_id !== undefined) openBlock(block_id)
    else if (hold_id !== undefined) openHold(hold_id)
  }
  return (
    <>
      <div className={classes.name}>{formatDay(locale, from, 'month').replace(/\s?\d{4}$/, '')}</div>
      <div className={classes.days}>
        {Array.from({ length: to - from }, (_, n) => {
          const day = from + n
          const taken = intervals.find(
            ({ kind, check_in, check_out }) => kind !== 'free' && dayOf(check_in) <= day && day < dayOf(check_out),
          )
          const is_first = taken !== undefined && dayOf(taken.check_in) === day
          const props = {
            className: classes.day,
            'data-kind': taken?.kind,
            'data-first': is_first || undefined,
            'data-weekend': isWeekend(day) || undefined,
            'data-today': day === today || undefined,
            title: formatDay(locale, day, 'full'),
          }
          return taken === undefined || idOf(taken) === undefined ? (
            <span key={day} {...props}>
              {n + 1}
            </span>
          ) : (
            <button key={day} type="button" {...props} onClick={() => open(taken)}>
              {n + 1}
            </button>
          )
        })}
      </div>
    </>
  )
}

/** Undefined if nothing takes the nights, or the role may not read what does. */
const idOf = ({ booking_id, block_id, hold_id }: Interval) => booking_id ?? block_id ?? hold_id

function Legend() {
  return (
    <div className={classes.legend}>
      <span>
        <i data-kind="booking" /> <Trans>Booking</Trans>
      </span>
      <span>
        <i data-kind="block" /> <Trans>Blocked</Trans>
      </span>
      <span>
        <i data-kind="hold" /> <Trans>Hold</Trans>
      </span>
    </div>
  )
}
