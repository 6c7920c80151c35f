// The drawer of a booking: what is agreed, with whom, what is paid, what may happen next, who changed what.

import { Trans, useLingui } from '@lingui/react/macro'
import { Skeleton, Stack, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useCan } from '../../../api/me.ts'
import { useOverlays } from '../../../shell/overlays.ts'
import { ErrorState } from '../../../ui/error-state.tsx'
import { SidePanel } from '../../../ui/side-panel.tsx'
import { useSourceName } from '../../../ui/sources.ts'
import { StatusMark } from '../../../ui/status-mark.tsx'
import { type Booking, bookingQuery } from '../queries.ts'
import classes from './drawer.module.css'
import { guestName } from './guest-name.ts'
import { GuestTab } from './guest-tab.tsx'
import { HistoryTab } from './history-tab.tsx'
import { MoneyTab } from './money-tab.tsx'
import { NextSteps } from './next-steps.tsx'
import { NotesTab } from './notes-tab.tsx'
import { StayCard } from './stay-card.tsx'

export function BookingDrawer({ id }: { readonly id: string }) {
  const { t } = useLingui()
  const { close } = useOverlays()
  const { data: booking, error, refetch } = useQuery(bookingQuery(id))
  return (
    <SidePanel label={t`Booking`} onClose={close} top={booking && <Marks booking={booking} />}>
      {booking !== undefined ? (
        <Content booking={booking} />
      ) : error !== null ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <Stack gap="sm" mt="sm">
          <Skeleton height={24} width="60%" />
          <Skeleton height={80} />
          <Skeleton height={160} />
        </Stack>
      )}
    </SidePanel>
  )
}

function Marks({ booking: { status, deleted_at } }: { readonly booking: Booking }) {
  return (
    <>
      <StatusMark status={status} />
      {deleted_at !== undefined && deleted_at !== null && (
        <span className={classes.deleted}>
          <Trans>Deleted</Trans>
        </span>
      )}
    </>
  )
}

function Content({ booking }: { readonly booking: Booking }) {
  const can = useCan()
  const sourceName = useSourceName()
  const { property_name, reference, source, guest } = booking
  const has_notes = 'internal_notes' in booking || 'guest_message' in booking
  return (
    <>
      <h2 className={classes.title}>{guestName(booking) ?? <Trans>Without a guest</Trans>}</h2>
      <div className="dim">
        {property_name} · {reference} · {sourceName(source)}
      </div>
      <StayCard booking={booking} />
      <NextSteps booking={booking} />
      <Tabs defaultValue="money" keepMounted={false} mt="md">
        <Tabs.List>
          <Tabs.Tab value="money">
            <Trans>Money</Trans>
          </Tabs.Tab>
          {(guest?.id ?? guest?.country) != null && (
            <Tabs.Tab value="guest">
              <Trans>Guest</Trans>
            </Tabs.Tab>
          )}
          {has_notes && (
            <Tabs.Tab value="notes">
              <Trans>Notes</Trans>
            </Tabs.Tab>
          )}
          {can('bookings:history') && (
            <Tabs.Tab value="history">
              <Trans>History</Trans>
            </Tabs.Tab>
          )}
        </Tabs.List>
        <Tabs.Panel value="money" pt="sm">
          <MoneyTab booking={booking} />
        </Tabs.Panel>
        <Tabs.Panel value="guest" pt="sm">
          <GuestTab booking={booking} />
        </Tabs.Panel>
        <Tabs.Panel value="notes" pt="sm">
          <NotesTab booking={booking} />
        </Tabs.Panel>
        <Tabs.Panel value="history" pt="sm">
          <HistoryTab id={booking.id} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
