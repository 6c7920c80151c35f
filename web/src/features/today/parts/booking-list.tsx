// A list of the day, with the step that staff take for each booking.
import { Plural, Trans } from '@lingui/react/macro'
import { UnstyledButton } from '@mantine/core'
import type { ReactNode } from 'react'
import { useDays } from '../../../locales/days.ts'
import { useMoney } from '../../../locales/money.ts'
import { useOverlays } from '../../../shell/overlays.ts'
import { guestName } from '../../bookings/drawer/guest-name.ts'
import type { Today, TodayBooking } from '../queries.ts'
import classes from '../today.module.css'
import { StepButton } from './step-button.tsx'

interface Props {
  readonly id: string
  readonly title: ReactNode
  readonly list: Today['arrivals']
  /** The status that a booking gets here. */
  readonly step?: 'checked_in' | 'checked_out' | 'confirmed'
}

export function BookingList({ id, title, list, step }: Props) {
  if (list.total === 0) return null
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <h2 className={classes.section_title} id={`${id}-title`}>
        {title} <span className="dim">{list.total}</span>
      </h2>
      {list.items.map((booking) => (
        <BookingCard key={booking.id} booking={booking} step={step} />
      ))}
      {list.total > list.items.length && (
        <p className="dim">
          <Plural value={list.total - list.items.length} one="and # more" other="and # more" />
        </p>
      )}
    </section>
  )
}

interface CardProps {
  readonly booking: TodayBooking
  readonly step: Props['step']
}

function BookingCard({ booking, step }: CardProps) {
  const days = useDays()
  const money = useMoney()
  const { openBooking } = useOverlays()
  const { property_name, num_guests, num_pets = 0, check_in, check_out, balance_cents, currency } = booking
  return (
    <div className={classes.card}>
      <UnstyledButton className={classes.card_main} onClick={() => openBooking(booking.id)}>
        <div className={classes.name}>{guestName(booking) ?? booking.reference}</div>
        <div className={classes.facts}>
          {property_name}
          {num_guests !== undefined && (
            <>
              {' · '}
              <Plural value={num_guests} one="# person" other="# people" />
            </>
          )}
          {num_pets > 0 && (
            <>
              {' · '}
              <Plural value={num_pets} one="# pet" other="# pets" />
            </>
          )}
          {' · '}
          {days.stay(check_in, check_out)}
        </div>
        {typeof balance_cents === 'number' && balance_cents > 0 && (
          <span className={classes.open}>
            <Trans>{money(balance_cents, currency)} open</Trans>
          </span>
        )}
      </UnstyledButton>
      {step !== undefined && <StepButton booking={booking} to={step} />}
    </div>
  )
}
