// Deletes a booking after a question: there is no way back from here.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { type Booking, changes } from '../queries.ts'

interface Props {
  readonly booking: Booking
  readonly onClose: () => void
  readonly onDeleted: () => void
}

export function DeleteBooking({ booking, onClose, onDeleted }: Props) {
  const { t } = useLingui()
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: () => changes.remove(booking),
    onSuccess: () => {
      onDeleted()
      offerUndo({ text: t`Booking ${booking.reference} was deleted.` })
      return client.invalidateQueries({ queryKey: ['bookings'] })
    },
  })
  return (
    <Modal opened onClose={onClose} title={<Trans>Delete this booking?</Trans>}>
      <Stack gap="sm">
        <Text>
          <Trans>
            Its nights are free at once, and it appears in no list any more. Delete only what was entered by mistake;
            cancel what was agreed and is off.
          </Trans>
        </Text>
        <ChangeError error={remove.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            <Trans>Keep the booking</Trans>
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
            <Trans>Delete</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
