// Inside Airbnb's listings file: its columns, and one row as the facts of a property.
// Columns: data dictionary at https://insideairbnb.com/get-the-data/
import { max_nights as longest } from '../../availability/days.ts'
import type { NewProperty } from '../../properties/schema.ts'
import {
  optionalCoordinate,
  optionalInteger,
  optionalMoney,
  requiredId,
  requiredInteger,
  requiredText,
} from '../csv/cells.ts'
import type { Format, Row } from '../csv/columns.ts'

export const listingFormat = {
  name: 'Inside Airbnb listings',
  columns: {
    id: { name: 'id', is_required: true },
    name: { name: 'name', is_required: true },
    neighbourhood: { name: 'neighbourhood_cleansed' },
    latitude: { name: 'latitude' },
    longitude: { name: 'longitude' },
    property_type: { name: 'property_type', is_required: true },
    room_type: { name: 'room_type' },
    accommodates: { name: 'accommodates', is_required: true },
    bathrooms: { name: 'bathrooms' },
    bathrooms_text: { name: 'bathrooms_text' },
    bedrooms: { name: 'bedrooms' },
    beds: { name: 'beds' },
    price: { name: 'price' },
    min_nights: { name: 'minimum_nights' },
    max_nights: { name: 'maximum_nights' },
  },
} satisfies Format

export type ListingKey = keyof typeof listingFormat.columns

/** The column that each field of a property is read from. */
export const listingFields: Readonly<Record<string, ListingKey>> = {
  external_id: 'id',
  name: 'name',
  property_type: 'property_type',
  max_guests: 'accommodates',
  bathrooms: 'bathrooms',
  base_price_cents: 'price',
  min_nights: 'min_nights',
  max_nights: 'max_nights',
}

/** The facts of a property. null: the cell is empty, so the file does not say. */
export interface Listing {
  readonly external_id: string
  readonly facts: Pick<NewProperty, 'name' | 'property_type' | 'max_guests'> & {
    readonly bedrooms: number | null
    readonly beds: number | null
    readonly bathrooms: number | null
    readonly city: string | null
    readonly latitude: number | null
    readonly longitude: number | null
    readonly base_price_cents: number | null
    readonly min_nights: number | null
    readonly max_nights: number | null
  }
}

/** Throws RowError. The price is an amount of `currency`; a currency sign before it is ignored. */
export function readListing(row: Row<ListingKey>, currency: string): Listing {
  return {
    external_id: requiredId(row, 'id', 200),
    facts: {
      name: readName(row),
      property_type: toPropertyType(row.text('property_type') || row.text('room_type')),
      max_guests: requiredInteger(row, 'accommodates', { min: 1, max: 500 }),
      bedrooms: optionalInteger(row, 'bedrooms', { min: 0, max: 100 }),
      beds: optionalInteger(row, 'beds', { min: 0, max: 500 }),
      bathrooms: readBathrooms(row),
      city: row.text('neighbourhood') === '' ? null : requiredText(row, 'neighbourhood', 100),
      latitude: optionalCoordinate(row, 'latitude', 90),
      longitude: optionalCoordinate(row, 'longitude', 180),
      base_price_cents: optionalMoney(row, 'price', currency, { dollar: 'any' }),
      ...readStayLengths(row),
    },
  }
}

/** Without a name: the property type and the neighbourhood. */
function readName(row: Row<ListingKey>): string {
  const parts = [row.text('property_type') || row.text('room_type'), row.text('neighbourhood')]
  const chosen = row.text('name') || parts.filter(Boolean).join(' in ')
  if (chosen === '') throw row.error('name', 'is empty, and so are the property type and the neighbourhood')
  if ([...chosen].length > 255) throw row.error('name', 'is longer than 255 characters')
  return chosen
}

/** A minimum or a maximum beyond the longest stay is that one. A minimum above the maximum says nothing about either. */
function readStayLengths(row: Row<ListingKey>): { min_nights: number | null; max_nights: number | null } {
  const read = (key: 'min_nights' | 'max_nights') => {
    // The data has 2147483647 for "no limit".
    if (/^\d{10,18}$/.test(row.text(key))) return longest
    const nights = optionalInteger(row, key, { min: 0, max: 999_999_999 })
    return nights === null ? null : Math.min(Math.max(nights, 1), longest)
  }
  const [min_nights, max_nights] = [read('min_nights'), read('max_nights')]
  const is_possible = min_nights === null || max_nights === null || min_nights <= max_nights
  return is_possible ? { min_nights, max_nights } : { min_nights: null, max_nights: null }
}

/** In order: "Private room in villa" is a room. */
const property_types: readonly [RegExp, NewProperty['property_type']][] = [
  [/\b(private|shared|hotel) room\b|^room in\b/, 'room'],
  [/\bstudio\b/, 'studio'],
  [/\bcondo(minium)?\b/, 'condo'],
  [/\bvilla\b/, 'villa'],
  [/\bcottage\b/, 'cottage'],
  [/\bcabin\b/, 'cabin'],
  [/\bchalet\b/, 'chalet'],
  [/\b(rental unit|apartment|aparthotel|flat|loft|guest suite|home\/apt)\b/, 'apartment'],
  [/\b(home|house|townhouse|guesthouse|farmhouse|bungalow|farm stay|casa particular)\b/, 'house'],
]

/** "Entire rental unit" -> apartment. Unknown types, such as boats, are 'other'. */
export function toPropertyType(text: string): NewProperty['property_type'] {
  const lower = text.toLowerCase()
  return property_types.find(([pattern]) => pattern.test(lower))?.[1] ?? 'other'
}

function readBathrooms(row: Row<ListingKey>): number | null {
  const key = row.text('bathrooms') === '' ? 'bathrooms_text' : 'bathrooms'
  const text = row.text(key)
  if (text === '') return null
  const count = toBathrooms(text)
  if (count === undefined) throw row.error(key, 'is not a number of bathrooms in steps of 0.5')
  return count
}

/** "1.5 shared baths" -> 1.5, "Shared half-bath" -> 0.5; undefined when the text has no valid count. */
export function toBathrooms(text: string): number | undefined {
  const lower = text.toLowerCase()
  if (/^(shared |private )?half-bath$/.test(lower)) return 0.5
  const digits = /^(\d{1,3}(?:\.\d+)?)(?: (?:(?:shared|private) )?baths?)?$/.exec(lower)?.[1]
  const count = Number(digits ?? Number.NaN)
  return Number.isInteger(count * 2) && count <= 100 ? count : undefined
}
