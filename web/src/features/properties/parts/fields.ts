// The fields of the form of a home, by group: what they are called and what is typed into them.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Property } from '../queries.ts'

type Kind = 'text' | 'long_text' | 'number' | 'money' | 'time' | 'weekdays' | 'amenities' | 'type' | 'owner'

export interface Field {
  readonly name: keyof Property
  readonly label: MessageDescriptor
  readonly kind: Kind
  /** Empty is a value: unknown, or that of the agency. */
  readonly is_optional?: true
}

export interface FieldGroup {
  readonly title: MessageDescriptor
  readonly fields: readonly Field[]
}

export const groups: readonly FieldGroup[] = [
  {
    title: msg`Home`,
    fields: [
      { name: 'name', label: msg`Name`, kind: 'text' },
      { name: 'property_type', label: msg`Type`, kind: 'type' },
      { name: 'max_guests', label: msg`People at most`, kind: 'number' },
      { name: 'bedrooms', label: msg`Bedrooms`, kind: 'number', is_optional: true },
      { name: 'beds', label: msg`Beds`, kind: 'number', is_optional: true },
      { name: 'bathrooms', label: msg`Bathrooms`, kind: 'number', is_optional: true },
      { name: 'size_sqm', label: msg`Square metres`, kind: 'number', is_optional: true },
      { name: 'owner_id', label: msg`Owner`, kind: 'owner', is_optional: true },
      { name: 'amenities', label: msg`Amenities`, kind: 'amenities' },
      { name: 'description', label: msg`Description`, kind: 'long_text', is_optional: true },
    ],
  },
  {
    title: msg`Rules of a stay`,
    fields: [
      { name: 'min_nights', label: msg`Minimum nights`, kind: 'number' },
      { name: 'max_nights', label: msg`Maximum nights`, kind: 'number' },
      { name: 'buffer_days_before', label: msg`Days kept free before`, kind: 'number' },
      { name: 'buffer_days_after', label: msg`Days kept free after`, kind: 'number' },
      { name: 'notice_days', label: msg`Days of notice`, kind: 'number' },
      { name: 'booking_window_days', label: msg`Days ahead at most`, kind: 'number', is_optional: true },
      { name: 'check_in_time', label: msg`Check-in from`, kind: 'time' },
      { name: 'check_out_time', label: msg`Check-out until`, kind: 'time' },
      { name: 'arrival_weekdays', label: msg`Days of arrival`, kind: 'weekdays' },
      { name: 'departure_weekdays', label: msg`Days of departure`, kind: 'weekdays' },
    ],
  },
  {
    title: msg`Price`,
    fields: [
      { name: 'base_price_cents', label: msg`A night`, kind: 'money', is_optional: true },
      { name: 'cleaning_fee_cents', label: msg`Cleaning`, kind: 'money' },
    ],
  },
  {
    title: msg`Address`,
    fields: [
      { name: 'address_line1', label: msg`Street and number`, kind: 'text', is_optional: true },
      { name: 'postal_code', label: msg`Postal code`, kind: 'text', is_optional: true },
      { name: 'city', label: msg`City`, kind: 'text', is_optional: true },
      { name: 'country', label: msg`Country (DE, AT, …)`, kind: 'text', is_optional: true },
    ],
  },
]

/** As it stands in the field; weekdays and amenities as a list separated by commas. */
export type Draft = Readonly<Record<string, string>>

const allFields = groups.flatMap(({ fields }) => fields)

export function draftOf(home: Property, decimals: number): Draft {
  return Object.fromEntries(
    allFields.map(({ name, kind }) => {
      const value = home[name]
      if (value === null || value === undefined) return [name, '']
      if (kind === 'money' && typeof value === 'number') return [name, (value / 10 ** decimals).toFixed(decimals)]
      return [name, String(value)]
    }),
  )
}

/** The members that differ, as the API takes them. `wrong` are fields that cannot be read. */
export function patchOf(
  before: Draft,
  now: Draft,
  readMoney: (text: string) => number | undefined,
): { readonly patch: Readonly<Record<string, unknown>>; readonly wrong: readonly string[] } {
  const patch: Record<string, unknown> = {}
  const wrong: string[] = []
  for (const { name, kind, is_optional } of allFields) {
    const text = (now[name] ?? '').trim()
    if (text === (before[name] ?? '').trim()) continue
    const value = text === '' && is_optional ? null : readField(kind, text, readMoney)
    if (value === undefined) wrong.push(name)
    else patch[name] = value
  }
  return { patch, wrong }
}

function readField(kind: Kind, text: string, readMoney: (text: string) => number | undefined): unknown {
  if (kind === 'money') return readMoney(text)
  if (kind === 'number') return text === '' || Number.isNaN(Number(text)) ? undefined : Number(text)
  if (kind === 'amenities') return text === '' ? [] : text.split(',')
  if (kind === 'weekdays') return text === '' ? undefined : text.split(',')
  return text === '' ? undefined : text
}
