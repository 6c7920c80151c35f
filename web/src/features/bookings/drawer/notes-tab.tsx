// What the guest wrote, and what the office writes about the booking.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Stack, Text, Textarea } from '@mantine/core'
import { useCan } from '../../../api/me.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { ChangedMeanwhile } from '../../../ui/changed-meanwhile.tsx'
import { useDraft } from '../../../ui/use-draft.ts'
import { type Booking, changes, useBookingChange } from '../queries.ts'
import classes from './drawer.module.css'

export function NotesTab({ booking }: { readonly booking: Booking }) {
  const { t } = useLingui()
  const can = useCan()
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
    <Stack gap="sm">
      {typeof booking.guest_message === 'string' && booking.guest_message !== '' && (
        <div>
          <Text c="dimmed" size="xs">
            <Trans>From the guest</Trans>
          </Text>
          <Text className={classes.pre}>{booking.guest_message}</Text>
        </div>
      )}
      <Textarea
        label={<Trans>Notes of the office</Trans>}
        description={<Trans>Guests and owners do not see them.</Trans>}
        autosize
        minRows={4}
        maxRows={14}
        maxLength={5000}
        readOnly={!can('bookings:update')}
        value={draft.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
      />
      {is_outdated && <ChangedMeanwhile onDiscard={reset} />}
      <ChangeError error={save.error} />
      {can('bookings:update') && (
        <Button
          style={{ alignSelf: 'start' }}
          loading={save.isPending}
          disabled={changed.text === undefined}
          onClick={() => void submit()}
        >
          <Trans>Save the notes</Trans>
        </Button>
      )}
    </Stack>
  )
}
