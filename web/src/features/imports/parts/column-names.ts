// The names of what columns of a file hold.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react'

const names: Readonly<Record<string, MessageDescriptor>> = {
  code: msg`Number of the booking`,
  status: msg`Status`,
  type: msg`Kind of the row`,
  channel: msg`Channel`,
  guest: msg`Guest`,
  booker: msg`Booked by`,
  first_name: msg`First name`,
  last_name: msg`Last name`,
  contact: msg`E-mail or phone`,
  email: msg`E-mail`,
  phone: msg`Phone`,
  adults: msg`Adults`,
  children: msg`Children`,
  infants: msg`Infants`,
  persons: msg`People`,
  start: msg`Arrival`,
  end: msg`Departure`,
  nights: msg`Nights`,
  booked: msg`Booked on`,
  listing: msg`Home`,
  unit: msg`Unit`,
  total: msg`Price`,
  payout: msg`Payout`,
  fee: msg`Fee of the channel`,
  cleaning: msg`Cleaning`,
  tax: msg`Taxes`,
  currency: msg`Currency`,
}

/** Other fields keep their technical names: those of homes are the columns of the public data set. */
export function useColumnNames(): (field: string) => string {
  const { i18n } = useLingui()
  return (field) => {
    const name = names[field]
    return name === undefined ? field : i18n._(name)
  }
}
