// The drawer of a hold: how long it lasts, make it a booking, or release it.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, ifMatch, type Schema } from '../../api/client.ts'
import { useCan } from '../../api/me.ts'
import { useDays } from '../../locales/days.ts'
import { useOverlays } from '../../shell/overlays.ts'
import { offerUndo } from '../../shell/undo.ts'
import { ChangeError } from '../../ui/change-error.tsx'
import { ErrorState } from '../../ui/error-state.tsx'
import { SidePanel } from '../../ui/side-panel.tsx'
import { People } from '../bookings/drawer/change-stay.tsx'
import { emptyGuest, type GuestDraft } from '../bookings/new-booking/draft.ts'
import { GuestFields } from '../bookings/new-booking/guest-fields.tsx'

type Hold = Schema['Hold']

export function HoldDrawer({ id }: { readonly id: string }) {
  const { t } = useLingui()
  const { close } = useOverlays()
  const { data, error, refetch } = useQuery({
    queryKey: ['holds', 'one', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/holds/{id}', { params: { path: { id } }, signal })),
  })
  return (
    <SidePanel label={t`Hold`} onClose={close} top={<strong>{t`Held nights`}</strong>}>
      {data !== undefined ? (
        <Content hold={data} />
      ) : error === null ? (
        <Skeleton height={120} />
      ) : (
        <ErrorState error={error} retry={() => void refetch()} />
      )}
    </SidePanel>
  )
}

function Content({ hold }: { readonly hold: Hold }) {
  const { t } = useLingui()
  const can = useCan()
  const days = useDays()
  const client = useQueryClient()
  const { close, openBooking } = useOverlays()
  const [guest, setGuest] = useState<GuestDraft>(emptyGuest)
  const [num_adults, setAdults] = useState(2)
  const params = { path: { id: hold.id }, header: ifMatch(hold.version) }
  const refresh = () => client.invalidateQueries({ queryKey: ['holds'] })
  const convert = useMutation({
    mutationFn: () => {
      const { id, first_name, last_name, email, phone, country } = guest
      const given = {
        first_name: first_name.trim(),
        last_name: last_name.trim(),
        ...(email.trim() !== '' && { email: email.trim() }),
        ...(phone.trim() !== '' && { phone: phone.trim() }),
        ...(country !== '' && { country }),
      }
      const person = id === undefined ? (given.last_name === '' ? {} : { guest: given }) : { guest_id: id }
      return bodyOf(api.POST('/api/v1/holds/{id}/booking', { params, body: { num_adults, ...person } }))
    },
    onSuccess: (booking) => {
      openBooking(booking.id)
      offerUndo({ text: t`Booking ${booking.reference} is made.` })
      return refresh()
    },
  })
  const release = useMutation({
    mutationFn: () => api.DELETE('/api/v1/holds/{id}', { params }),
    onSuccess: () => {
      close()
      offerUndo({ text: t`The nights are free again.` })
      return refresh()
    },
  })
  return (
    <Stack gap="sm">
      <div>
        <Text fw={600}>{hold.property_name}</Text>
        <Text>{days.stay(hold.check_in, hold.check_out)}</Text>
        <Text c="dimmed">
          {hold.status === 'active' ? (
            <Trans>Until {days.instant(hold.expires_at)}</Trans>
          ) : (
            <Trans>This hold is over.</Trans>
          )}
        </Text>
        {hold.notes !== null && <Text>{hold.notes}</Text>}
      </div>
      {hold.status === 'active' && can('holds:write') && (
        <>
          <People label={t`Adults`} min={1} value={num_adults} onChange={setAdults} />
          <GuestFields guest={guest} onChange={setGuest} error={convert.error} />
          <ChangeError error={convert.error ?? release.error} />
          <Group justify="space-between">
            <Button variant="default" loading={release.isPending} onClick={() => release.mutate()}>
              <Trans>Release</Trans>
            </Button>
            <Button loading={convert.isPending} onClick={() => convert.mutate()}>
              <Trans>Make it a booking</Trans>
            </Button>
          </Group>
        </>
      )}
    </Stack>
  )
}
