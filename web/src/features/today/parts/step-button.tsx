// Checks a guest in or out, or confirms a booking, with undo.

import { useLingui } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { errorSentence } from '../../../api/errors.ts'
import { useCan } from '../../../api/me.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { changes } from '../../bookings/queries.ts'
import type { TodayBooking } from '../queries.ts'
import classes from '../today.module.css'

interface Props {
  readonly booking: TodayBooking
  readonly to: 'checked_in' | 'checked_out' | 'confirmed'
}

export function StepButton({ booking, to }: Props) {
  const { i18n, t } = useLingui()
  const can = useCan()
  const client = useQueryClient()
  const texts = {
    checked_in: { label: t`Check in`, done: t`Checked in`, tone: classes.arrive },
    checked_out: { label: t`Check out`, done: t`Checked out`, tone: classes.leave },
    confirmed: { label: t`Confirm`, done: t`Confirmed`, tone: classes.arrive },
  }[to]
  const refresh = () => client.invalidateQueries({ queryKey: ['today'] })
  const step = useMutation({
    mutationFn: () => changes.setStatus(booking, to),
    onSuccess: (after) => {
      const who = booking.guest?.last_name ?? booking.reference
      offerUndo({
        text: `${texts.done}: ${who}`,
        // Staff may check in, but only the office may take that back.
        ...(can('bookings:update') &&
          to !== 'confirmed' && { undo: () => changes.setStatus(after, booking.status).then(refresh) }),
      })
      return refresh()
    },
    onError: (error) => {
      offerUndo({ text: errorSentence(i18n, error) })
      return refresh()
    },
  })
  if (booking.status === to) return <span className={classes.done}>{texts.done}</span>
  if (!booking.next_statuses.includes(to)) return null
  return (
    <Button className={texts.tone} variant="filled" color="gray" loading={step.isPending} onClick={() => step.mutate()}>
      {texts.label}
    </Button>
  )
}
