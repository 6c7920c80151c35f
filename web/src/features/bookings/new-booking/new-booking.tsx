// A new booking: dates and people first, then a home that is free, then the guest.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, SegmentedControl, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { Schema } from '../../../api/client.ts'
import { useCan } from '../../../api/me.ts'
import { parseMoney } from '../../../locales/money.ts'
import { useOverlays } from '../../../shell/overlays.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { SidePanel } from '../../../ui/side-panel.tsx'
import { sources, useSourceName } from '../../../ui/sources.ts'
import { useStayVerdict } from '../../availability/use-verdict.ts'
import { useHomes } from '../../properties/use-homes.ts'
import { People } from '../drawer/change-stay.tsx'
import { changes, useBookingChange } from '../queries.ts'
import { bodyOfDraft, emptyGuest, type GuestDraft, type StayDraft } from './draft.ts'
import { GuestFields } from './guest-fields.tsx'
import { HomeChoice } from './home-choice.tsx'

interface Props {
  readonly draft: { readonly property_ids: readonly string[]; readonly check_in: string; readonly check_out: string }
}

export function NewBooking({ draft }: Props) {
  const { t } = useLingui()
  const can = useCan()
  const { close, openBooking } = useOverlays()
  const sourceName = useSourceName()
  const [stay, setStay] = useState<StayDraft>({
    property_id: draft.property_ids[0],
    check_in: draft.check_in,
    check_out: draft.check_out,
    num_adults: 2,
    num_children: 0,
    num_pets: 0,
    status: 'confirmed',
    source: 'direct',
    total: '',
    internal_notes: '',
  })
  const [guest, setGuest] = useState<GuestDraft>(emptyGuest)
  const set = (part: Partial<StayDraft>) => setStay((now) => ({ ...now, ...part }))
  const verdict = useStayVerdict(stay)
  const create = useBookingChange((body: Schema['NewBooking']) => changes.create(body))
  const is_wrong = stay.check_in !== '' && stay.check_out !== '' && stay.check_out <= stay.check_in
  const currency = useHomes().find(({ value }) => value === stay.property_id)?.currency ?? 'EUR'
  const body = bodyOfDraft(stay, guest, currency)

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (body === undefined) return
    const booking = await create.mutateAsync(body).catch(() => undefined)
    if (booking === undefined) return
    openBooking(booking.id)
    const undo = async () => {
      await changes.remove(booking)
      close()
    }
    offerUndo({ text: t`Booking ${booking.reference} is made.`, ...(can('bookings:delete') && { undo }) })
  }

  return (
    <SidePanel label={t`New booking`} onClose={close} top={<strong>{t`New booking`}</strong>}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <Group grow>
            <TextInput
              type="date"
              label={<Trans>Arrival</Trans>}
              required
              withAsterisk={false}
              data-autofocus
              value={stay.check_in}
              onChange={(event) => set({ check_in: event.currentTarget.value })}
            />
            <TextInput
              type="date"
              label={<Trans>Departure</Trans>}
              required
              withAsterisk={false}
              min={stay.check_in}
              value={stay.check_out}
              error={is_wrong && <Trans>After the arrival</Trans>}
              onChange={(event) => set({ check_out: event.currentTarget.value })}
            />
          </Group>
          <Group grow>
            <People label={t`Adults`} min={1} value={stay.num_adults} onChange={(num_adults) => set({ num_adults })} />
            <People label={t`Children`} value={stay.num_children} onChange={(num_children) => set({ num_children })} />
            <People label={t`Pets`} value={stay.num_pets} onChange={(num_pets) => set({ num_pets })} />
          </Group>
          <HomeChoice stay={stay} verdict={verdict} choose={set} />
          <GuestFields guest={guest} onChange={setGuest} error={create.error} />
          <Group grow>
            <Select
              label={<Trans>Source</Trans>}
              allowDeselect={false}
              data={Object.keys(sources).map((value) => ({ value, label: sourceName(value as StayDraft['source']) }))}
              value={stay.source}
              onChange={(source) => source !== null && set({ source: source as StayDraft['source'] })}
            />
            <TextInput
              label={<Trans>Total price ({currency})</Trans>}
              placeholder={t`from the home`}
              inputMode="decimal"
              value={stay.total}
              error={
                stay.total !== '' && parseMoney(stay.total, currency) === undefined && <Trans>Not an amount</Trans>
              }
              onChange={(event) => set({ total: event.currentTarget.value })}
            />
          </Group>
          <SegmentedControl
            aria-label={t`Status`}
            value={stay.status}
            onChange={(status) => set({ status: status as StayDraft['status'] })}
            data={[
              { value: 'confirmed', label: t`Confirmed` },
              { value: 'pending', label: t`Unconfirmed` },
              { value: 'inquiry', label: t`Inquiry` },
            ]}
          />
          <Textarea
            label={<Trans>Notes of the office</Trans>}
            autosize
            minRows={2}
            maxLength={5000}
            value={stay.internal_notes}
            onChange={(event) => set({ internal_notes: event.currentTarget.value })}
          />
          <ChangeError error={create.error} />
          <Button type="submit" size="md" loading={create.isPending} disabled={body === undefined || is_wrong}>
            <Trans>Book</Trans>
          </Button>
        </Stack>
      </form>
    </SidePanel>
  )
}
