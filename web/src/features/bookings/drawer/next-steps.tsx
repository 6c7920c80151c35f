// The steps that a booking can take next: buttons for the likely ones, a menu for the others.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { Trans, useLingui } from '@lingui/react/macro'
import { ActionIcon, Button, Group, Menu } from '@mantine/core'
import { IconArrowsSplit2, IconDots, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useCan, useMe } from '../../../api/me.ts'
import { useOverlays } from '../../../shell/overlays.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { useStatusName } from '../../../ui/status-mark.tsx'
import { useTodayAt } from '../../properties/use-today-at.ts'
import { isTooEarly, isTooLate, type Step, stepsFor } from '../next-statuses.ts'
import { type Booking, changes, useBookingChange } from '../queries.ts'
import { CancelBooking } from './cancel-booking.tsx'
import { DeleteBooking } from './delete-booking.tsx'
import { SplitStay } from './split-stay.tsx'

type Dialog = 'cancel' | 'split' | 'delete'

const labels: Readonly<Record<Booking['status'], MessageDescriptor>> = {
  inquiry: msg`Back to inquiry`,
  pending: msg`Keep as unconfirmed`,
  confirmed: msg`Confirm`,
  checked_in: msg`Check in`,
  checked_out: msg`Check out`,
  declined: msg`Decline`,
  cancelled: msg`Cancel …`,
  no_show: msg`Guest did not come`,
}

const undoLabels: Readonly<Partial<Record<Booking['status'], MessageDescriptor>>> = {
  checked_in: msg`Take the check-in back`,
  checked_out: msg`Take the check-out back`,
  cancelled: msg`Take the cancellation back`,
  no_show: msg`Guest has come after all`,
}

export function NextSteps({ booking }: { readonly booking: Booking }) {
  const { i18n, t } = useLingui()
  const can = useCan()
  const { role } = useMe()
  const statusName = useStatusName()
  const { close } = useOverlays()
  const [dialog, setDialog] = useState<Dialog>()
  const change = useBookingChange((to: Booking['status']) => changes.setStatus(booking, to))
  const today = useTodayAt(booking.property_id)
  const is_deleted = booking.deleted_at !== undefined && booking.deleted_at !== null
  if (role === null || is_deleted || !can('bookings:transition')) return null

  const steps = stepsFor(booking.status, role).filter(
    (step) => !isTooEarly(step.to, booking, today) && !isTooLate(step, booking, Date.now()),
  )
  const isMain = ({ to, is_undo }: Step) => is_undo !== true && ['confirmed', 'checked_in', 'checked_out'].includes(to)
  const labelOf = ({ to, is_undo }: Step) => i18n._((is_undo && undoLabels[booking.status]) || labels[to])
  const can_split =
    can('bookings:update') && booking.num_nights > 1 && ['pending', 'confirmed', 'checked_in'].includes(booking.status)

  async function take({ to }: Step): Promise<void> {
    if (to === 'cancelled') return setDialog('cancel')
    const after = await change.mutateAsync(to).catch(() => undefined)
    if (after === undefined) return
    const can_undo = stepsFor(after.status, role ?? 'staff').some((step) => step.to === booking.status)
    const status = statusName(after.status)
    offerUndo({
      text: t`Status: ${status}`,
      ...(can_undo && { undo: () => changes.setStatus(after, booking.status) }),
    })
  }

  return (
    <>
      <Group gap="xs" mt="xs">
        {steps.filter(isMain).map((step) => (
          <Button
            key={step.to}
            loading={change.isPending && change.variables === step.to}
            onClick={() => void take(step)}
          >
            {labelOf(step)}
          </Button>
        ))}
        {(steps.some((step) => !isMain(step)) || can_split || can('bookings:delete')) && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon variant="default" size="lg" aria-label={t`More steps`}>
                <IconDots size={16} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {steps
                .filter((step) => !isMain(step))
                .map((step) => (
                  <Menu.Item key={step.to} onClick={() => void take(step)}>
                    {labelOf(step)}
                  </Menu.Item>
                ))}
              {can_split && (
                <Menu.Item leftSection={<IconArrowsSplit2 size={16} />} onClick={() => setDialog('split')}>
                  <Trans>Move the rest of the stay to another home …</Trans>
                </Menu.Item>
              )}
              {can('bookings:delete') && (
                <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setDialog('delete')}>
                  <Trans>Delete …</Trans>
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
      <ChangeError error={change.error} />
      {dialog === 'cancel' && <CancelBooking booking={booking} onClose={() => setDialog(undefined)} />}
      {dialog === 'split' && <SplitStay booking={booking} onClose={() => setDialog(undefined)} />}
      {dialog === 'delete' && (
        <DeleteBooking booking={booking} onClose={() => setDialog(undefined)} onDeleted={close} />
      )}
    </>
  )
}
