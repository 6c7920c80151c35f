// Names of fields and how their values are written, for histories.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import { useLingui } from '@lingui/react/macro'
import { useDays } from '../locales/days.ts'
import { useMoney } from '../locales/money.ts'
import { usePaymentName } from './payment-names.ts'
import { useRoleName } from './role-name.ts'
import { useSourceName } from './sources.ts'
import { useStatusName } from './status-mark.tsx'

const names: Readonly<Record<string, MessageDescriptor>> = {
  status: msg`Status`,
  check_in: msg`Arrival`,
  check_out: msg`Departure`,
  start_date: msg`First night`,
  end_date: msg`Free from`,
  num_adults: msg`Adults`,
  num_children: msg`Children`,
  num_infants: msg`Infants`,
  num_pets: msg`Pets`,
  total_cents: msg`Total`,
  subtotal_cents: msg`Nights`,
  nightly_rate_cents: msg`Price of a night`,
  cleaning_fee_cents: msg`Cleaning`,
  tax_cents: msg`Taxes`,
  paid_cents: msg`Paid`,
  refund_cents: msg`Refund`,
  payout_cents: msg`Payout`,
  payment_status: msg`Payment`,
  source: msg`Source`,
  internal_notes: msg`Notes`,
  guest_message: msg`Message of the guest`,
  guest_first_name: msg`First name`,
  guest_last_name: msg`Last name`,
  guest_email: msg`E-mail`,
  guest_phone: msg`Phone`,
  country: msg`Country`,
  cancelled_by: msg`Cancelled by`,
  cancellation_reason: msg`Reason`,
  name: msg`Name`,
  role: msg`Role`,
  is_active: msg`Active`,
  min_nights: msg`Minimum nights`,
  max_nights: msg`Maximum nights`,
  max_guests: msg`People`,
  base_price_cents: msg`Base price`,
  reason: msg`Reason`,
  notes: msg`Notes`,
  description: msg`Description`,
  bedrooms: msg`Bedrooms`,
  beds: msg`Beds`,
  bathrooms: msg`Bathrooms`,
  size_sqm: msg`Square metres`,
  address_line1: msg`Street and number`,
  postal_code: msg`Postal code`,
  city: msg`City`,
  buffer_days_before: msg`Days kept free before`,
  buffer_days_after: msg`Days kept free after`,
  notice_days: msg`Days of notice`,
  booking_window_days: msg`Days ahead at most`,
  check_in_time: msg`Check-in from`,
  check_out_time: msg`Check-out until`,
  time_zone: msg`Time zone`,
  currency: msg`Currency`,
  language: msg`Language`,
  hold_minutes: msg`Minutes of a hold`,
  holds_per_user: msg`Holds per person`,
  feature: msg`Optional feature`,
  is_enabled: msg`Switched on`,
}

/** Fields that say nothing to people. */
const hidden = new Set([
  'id',
  'version',
  'created_at',
  'updated_at',
  'agency_id',
  'reference',
  'num_nights',
  'num_guests',
])

export interface FieldChange {
  readonly field: string
  readonly name: string
  readonly before: string | undefined
  readonly after: string | undefined
}

type Values = Readonly<Record<string, unknown>>

const isEmpty = (value: unknown) => value === null || value === undefined || value === ''
const isAmount = (field: string, value: unknown): value is number =>
  field.endsWith('_cents') && typeof value === 'number'
const isDate = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value)

/** Writes the value of a field. */
function useFieldValue(): (field: string, value: unknown, currency: unknown) => string | undefined {
  const { t } = useLingui()
  const days = useDays()
  const money = useMoney()
  const named: Readonly<Record<string, (value: never) => string | undefined>> = {
    status: useStatusName(),
    payment_status: usePaymentName(),
    source: useSourceName(),
    role: useRoleName(),
  }
  return (field, value, currency) => {
    if (isEmpty(value)) return undefined
    if (typeof value === 'boolean') return value ? t`yes` : t`no`
    if (typeof value === 'object') return JSON.stringify(value)
    if (isAmount(field, value) && typeof currency === 'string') return money(value, currency)
    return isDate(value) ? days.date(value, 'date') : (named[field]?.(value as never) ?? String(value))
  }
}

/** The fields that a change has touched, in words. */
export function useFieldChanges(): (before: Values | null, after: Values | null) => FieldChange[] {
  const { i18n } = useLingui()
  const write = useFieldValue()

  return (before, after) => {
    const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
    return [...fields].flatMap((field) => {
      const name = names[field]
      if (name === undefined || hidden.has(field)) return []
      const currency = after?.currency ?? before?.currency
      const [old, now] = [write(field, before?.[field], currency), write(field, after?.[field], currency)]
      return old === now ? [] : [{ field, name: i18n._(name), before: old, after: now }]
    })
  }
}
