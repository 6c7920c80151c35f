// Cancels a booking: who cancelled, why, and what is refunded.
import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Modal, Radio, Stack, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { parseMoney, useMoney } from '../../../locales/money.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { type Booking, changes, useBookingChange } from '../queries.ts'

interface Props {
  readonly booking: Booking
  readonly onClose: () => void
}

type By = 'guest' | 'host' | 'platform'

export function CancelBooking({ booking, onClose }: Props) {
  const { t } = useLingui()
  const money = useMoney()
  const [cancelled_by, setBy] = useState<By>('guest')
  const [reason, setReason] = useState('')
  const [refund, setRefund] = useState('')
  const refund_cents = refund === '' ? undefined : parseMoney(refund, booking.currency)
  const is_wrong = refund !== '' && refund_cents === undefined
  const cancel = useBookingChange(() =>
    changes.cancel(booking, {
      cancelled_by,
      ...(reason.trim() !== '' && { reason: reason.trim() }),
      ...(refund_cents !== undefined && { refund_cents }),
    }),
  )
  async function submit(): Promise<void> {
    const after = await cancel.mutateAsync(undefined).catch(() => undefined)
    if (after === undefined) return
    onClose()
    offerUndo({
      text: t`Cancelled. The nights are free.`,
      // Taking a cancellation back confirms the booking: that is no undo for one that was not confirmed.
      ...(refund_cents === undefined &&
        booking.status === 'confirmed' && { undo: () => changes.setStatus(after, 'confirmed') }),
    })
  }
  return (
    <Modal opened onClose={onClose} title={<Trans>Cancel this booking</Trans>}>
      <Stack gap="sm">
        <Radio.Group label={<Trans>Who cancels?</Trans>} value={cancelled_by} onChange={(by) => setBy(by as By)}>
          <Group mt={4}>
            <Radio value="guest" label={<Trans>The guest</Trans>} />
            <Radio value="host" label={<Trans>We</Trans>} />
            <Radio value="platform" label={<Trans>The channel</Trans>} />
          </Group>
        </Radio.Group>
        <Textarea
          label={<Trans>Reason</Trans>}
          autosize
          minRows={2}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <TextInput
          label={<Trans>Refund ({booking.currency})</Trans>}
          description={
            typeof booking.paid_cents === 'number' && (
              <Trans>Paid so far: {money(booking.paid_cents, booking.currency)}</Trans>
            )
          }
          inputMode="decimal"
          value={refund}
          onChange={(event) => setRefund(event.currentTarget.value)}
          error={is_wrong && <Trans>Not an amount</Trans>}
        />
        <ChangeError error={cancel.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            <Trans>Keep the booking</Trans>
          </Button>
          <Button color="red" loading={cancel.isPending} disabled={is_wrong} onClick={() => void submit()}>
            <Trans>Cancel the booking</Trans>
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
