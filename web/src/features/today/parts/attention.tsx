// What needs a decision: conflicts and guests who are still there first; holds that end, unconfirmed and unpaid bookings later.
import { Plural, Trans } from '@lingui/react/macro'
import { Button, UnstyledButton } from '@mantine/core'
import { useDays } from '../../../locales/days.ts'
import { useOverlays } from '../../../shell/overlays.ts'
import { useSourceName } from '../../../ui/sources.ts'
import type { Today } from '../queries.ts'
import classes from '../today.module.css'
import { BookingList } from './booking-list.tsx'

/** Before the lists of the day. */
export function Urgent({ today }: { readonly today: Today }) {
  return (
    <div className={classes.attention}>
      <Conflicts today={today} />
      <BookingList
        id="overdue"
        title={<Trans>Still checked in after their departure</Trans>}
        list={today.overdue}
        step="checked_out"
      />
    </div>
  )
}

/** After the lists of the day: what can wait for an hour. */
export function Open({ today }: { readonly today: Today }) {
  return (
    <div className={classes.attention}>
      <Holds today={today} />
      <BookingList id="unconfirmed" title={<Trans>Not confirmed</Trans>} list={today.unconfirmed} step="confirmed" />
      <BookingList id="unpaid" title={<Trans>Not paid</Trans>} list={today.unpaid} />
    </div>
  )
}

function Conflicts({ today: { conflicts } }: { readonly today: Today }) {
  const days = useDays()
  const sourceName = useSourceName()
  const { openBooking } = useOverlays()
  if (conflicts === undefined || conflicts.total === 0) return null
  return (
    <section id="conflicts" aria-labelledby="conflicts-title">
      <h2 className={classes.section_title} id="conflicts-title">
        <Trans>Conflicts</Trans> <span className="dim">{conflicts.total}</span>
      </h2>
      {conflicts.items.map((conflict) => (
        <div key={conflict.id} className={classes.card}>
          <div className={classes.card_main}>
            <div className={classes.name}>{conflict.property_name}</div>
            <div className={classes.facts}>
              <Trans>
                {sourceName(conflict.source)} has sold {days.stay(conflict.check_in, conflict.check_out)}, which is
                taken.
              </Trans>
            </div>
          </div>
          {conflict.booking_id !== null && (
            <Button variant="default" onClick={() => openBooking(conflict.booking_id ?? '')}>
              <Trans>Look</Trans>
            </Button>
          )}
        </div>
      ))}
    </section>
  )
}

function Holds({ today: { holds } }: { readonly today: Today }) {
  const days = useDays()
  const { openHold } = useOverlays()
  if (holds === undefined || holds.total === 0) return null
  return (
    <section id="holds" aria-labelledby="holds-title">
      <h2 className={classes.section_title} id="holds-title">
        <Trans>Holds</Trans> <span className="dim">{holds.total}</span>
      </h2>
      {holds.items.map((hold) => (
        <div key={hold.id} className={classes.card}>
          <UnstyledButton className={classes.card_main} onClick={() => openHold(hold.id)}>
            <div className={classes.name}>{hold.property_name}</div>
            <div className={classes.facts}>
              {days.stay(hold.check_in, hold.check_out)} · <Trans>until {days.instant(hold.expires_at)}</Trans>
            </div>
          </UnstyledButton>
        </div>
      ))}
      {holds.total > holds.items.length && (
        <p className="dim">
          <Plural value={holds.total - holds.items.length} one="and # more" other="and # more" />
        </p>
      )}
    </section>
  )
}
