// Arrival and departure, nights and people, and the way to other dates.
import { Plural, Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconArrowRight } from '@tabler/icons-react'
import { useState } from 'react'
import { useCan } from '../../../api/me.ts'
import { useDays } from '../../../locales/days.ts'
import type { Booking } from '../queries.ts'
import { ChangeStay } from './change-stay.tsx'
import classes from './drawer.module.css'

/** Statuses in which dates and home can change. */
const changeable: readonly Booking['status'][] = ['inquiry', 'pending', 'confirmed', 'checked_in']

export function StayCard({ booking }: { readonly booking: Booking }) {
  const days = useDays()
  const can = useCan()
  const [is_changing, setChanging] = useState(false)
  const { check_in, check_out, num_nights, num_guests, num_infants = 0, num_pets = 0, status } = booking
  return (
    <>
      <div className={classes.stay}>
        <div>
          <div className={classes.stay_label}>
            <Trans>Arrival</Trans>
          </div>
          <div className={classes.stay_day}>{days.date(check_in)}</div>
        </div>
        <IconArrowRight size={16} aria-hidden />
        <div>
          <div className={classes.stay_label}>
            <Trans>Departure</Trans>
          </div>
          <div className={classes.stay_day}>{days.date(check_out)}</div>
        </div>
        <div className="dim" style={{ gridColumn: '1 / -1' }}>
          <Plural value={num_nights} one="# night" other="# nights" />
          {num_guests !== undefined && (
            <>
              {' · '}
              <Plural value={num_guests} one="# person" other="# people" />
            </>
          )}
          {num_infants > 0 && (
            <>
              {' · '}
              <Plural value={num_infants} one="# infant" other="# infants" />
            </>
          )}
          {num_pets > 0 && (
            <>
              {' · '}
              <Plural value={num_pets} one="# pet" other="# pets" />
            </>
          )}
        </div>
      </div>
      {can('bookings:update') && changeable.includes(status) && (
        <Button variant="default" onClick={() => setChanging(true)}>
          <Trans>Change dates, home or people</Trans>
        </Button>
      )}
      {is_changing && <ChangeStay booking={booking} onClose={() => setChanging(false)} />}
    </>
  )
}
