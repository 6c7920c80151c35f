// What the guest wrote, and what the office writes about the booking.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Stack, Text, Textarea } from '@mantine/core'
import type { ReactNode } from 'react'
import { useCan } from '../../../api/me.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { ChangedMeanwhile } from '../../../ui/changed-meanwhile.tsx'
import { useDraft } from '../../../ui/use-draft.ts'
import { type Booking, changes, useBookingChange } from '../queries.ts'
import classes from './drawer.module.css'

export function NotesTab({ booking }: { readonly booking: Booking }) {
  const can = useCan()
  const { guest_message, internal_notes } = booking
  return (
    <Stack gap="sm">
      {isWritten(guest_message) && <Written label={<Trans>From the guest</Trans>} text={guest_message} />}
      {can('bookings:update') && <OfficeNotes booking={booking} />}
      {!can('bookings:update') && isWritten(internal_notes) && (
        <Written label={<Trans>Notes of the office</Trans>} text={internal_notes} />
      )}
      {!can('bookings:update') && !isWritten(guest_message) && !isWritten(internal_notes) && (
        <Text c="dimmed">
          <Trans>There are no notes.</Trans>
        </Text>
      )}
    </Stack>
  )
}

const isWritten = (text: string | null | undefined): text is string => typeof text === 'string' && text !== ''

function Written({ label, text }: { readonly label: ReactNode; readonly text: string }) {
  return (
    <div>
      <Text c="dimmed" size="xs">
        {label}
      </Text>
      <Text className={classes.pre}>{text}</Text>
    </div>
  )
}

function OfficeNotes({ booking }: { readonly booking: Booking }) {
  const { t } = useLingui()
  const before = booking.internal_notes ?? ''
  const { draft, changed, is_outdated, set, reset } = useDraft({ text: before })
  const save = useBookingChange((internal_notes: string | null) => changes.update(booking, { internal_notes }))
  async function submit(): Promise<void> {
    const after = await save.mutateAsync(draft.text.trim() === '' ? null : draft.text).catch(() => undefined)
    if (after === undefined) return
    reset()
    offerUndo({
      text: t`Notes saved.`,
      undo: () => changes.update(after, { internal_notes: before === '' ? null : before }),
    })
  }
  return (
    <>
      <Textarea
        label={<Trans>Notes of the office</Trans>}
        description={<Trans>Guests and owners do not see them.</Trans>}
        autosize
        minRows={4}
        maxRows={14}
        maxLength={5000}
        value={draft.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
      />
      {is_outdated && <ChangedMeanwhile onDiscard={reset} />}
      <ChangeError error={save.error} />
      <Button
        style={{ alignSelf: 'start' }}
        loading={save.isPending}
        disabled={changed.text === undefined}
        onClick={() => void submit()}
      >
        <Trans>Save the notes</Trans>
      </Button>
    </>
  )
}
