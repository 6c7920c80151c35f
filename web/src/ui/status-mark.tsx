// The status of a booking, in words and in the colour of what needs doing.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'
import type { Schema } from '../api/client.ts'
import classes from './status-mark.module.css'

type Status = Schema['BookingStatus']

export const statusNames: Readonly<
  Record<Status, { readonly name: MessageDescriptor; readonly tone: keyof typeof classes }>
> = {
  inquiry: { name: msg`Inquiry`, tone: 'attention' },
  pending: { name: msg`Unconfirmed`, tone: 'attention' },
  confirmed: { name: msg`Confirmed`, tone: 'later' },
  checked_in: { name: msg`In house`, tone: 'in_house' },
  checked_out: { name: msg`Checked out`, tone: 'past' },
  cancelled: { name: msg`Cancelled`, tone: 'past' },
  declined: { name: msg`Declined`, tone: 'past' },
  no_show: { name: msg`No-show`, tone: 'past' },
}

export function useStatusName(): (status: Status) => string {
  const { i18n } = useLingui()
  return (status) => i18n._(statusNames[status].name)
}

export function StatusMark({ status }: { readonly status: Status }) {
  const statusName = useStatusName()
  return <span className={`${classes.mark} ${classes[statusNames[status].tone]}`}>{statusName(status)}</span>
}
