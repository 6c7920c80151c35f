// One row of Inside Airbnb's listings file -> the facts of a property. Pure; the file's columns are documented at
// https://insideairbnb.com/get-the-data/ (data dictionary).
import type { NewProperty } from '../properties/schema.ts'
import { coordinate, requiredNumber, requiredText, wholeNumber } from './cells.ts'
import type { Format, Row } from './columns.ts'
import { parseMoney } from './money.ts'

export type ListingKey =
  | 'id'
  | 'name'
  | 'neighbourhood'
  | 'latitude'
  | 'longitude'
  | 'property_type'
  | 'room_type'
  | 'accommodates'
  | 'bathrooms'
  | 'bathrooms_text'
  | 'bedrooms'
  | 'beds'
  | 'price'

export const listingFormat: Format<ListingKey> = {
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
  },
}

/** What the file says about a home. null: the cell is empty, which says nothing. */
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
  }
}

/** Throws RowError. The price is read as an amount of `currency`, whatever sign stands before it. */
export function readListing(row: Row<ListingKey>, currency: string): Listing {
  return {
    external_id: requiredText(row, 'id', 200),
    facts: {
      name: nameOf(row),
      property_type: propertyTypeOf(row.text('property_type') || row.text('room_type')),
      max_guests: requiredNumber(row, 'accommodates', { min: 1, max: 500 }),
      bedrooms: wholeNumber(row, 'bedrooms', { min: 0, max: 100 }),
      beds: wholeNumber(row, 'beds', { min: 0, max: 500 }),
      bathrooms: bathroomsOf(row),
      city: row.text('neighbourhood') === '' ? null : requiredText(row, 'neighbourhood', 100),
      latitude: coordinate(row, 'latitude', 90),
      longitude: coordinate(row, 'longitude', 180),
      base_price_cents: priceOf(row, currency),
    },
  }
}

/** The name to the last character; a blank one becomes what the home is and where. */
function nameOf(row: Row<ListingKey>): string {
  const name = row.raw('name')
  const described = [row.text('property_type') || row.text('room_type'), row.text('neighbourhood')].filter(Boolean)
  const chosen = name.trim() === '' ? described.join(' in ') : name
  if (chosen === '') throw row.error('name', 'is empty, and so are the property type and the neighbourhood')
  if ([...chosen].length > 255) throw row.error('name', 'is longer than 255 characters')
  return chosen
}

/** The first pattern that fits decides: "Private room in villa" is a room. */
const propertyTypes: readonly [RegExp, NewProperty['property_type']][] = [
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

/** "Entire rental unit" -> apartment; boats, barns and whatever we have no word for -> other. */
export function propertyTypeOf(text: string): NewProperty['property_type'] {
  const plain = text.toLowerCase()
  return propertyTypes.find(([pattern]) => pattern.test(plain))?.[1] ?? 'other'
}

function bathroomsOf(row: Row<ListingKey>): number | null {
  const key = row.text('bathrooms') === '' ? 'bathrooms_text' : 'bathrooms'
  const text = row.text(key)
  if (text === '') return null
  const number = bathroomsIn(text)
  if (number === undefined) throw row.error(key, 'is not a number of bathrooms in steps of 0.5')
  return number
}

/** "1.5 shared baths" -> 1.5, "Shared half-bath" -> 0.5; undefined when it says no number. */
export function bathroomsIn(text: string): number | undefined {
  const plain = text.toLowerCase()
  if (/^(shared |private )?half-bath$/.test(plain)) return 0.5
  const digits = /^(\d{1,3}(?:\.\d+)?)(?: (?:(?:shared|private) )?baths?)?$/.exec(plain)?.[1]
  const number = Number(digits ?? Number.NaN)
  return Number.isInteger(number * 2) && number <= 100 ? number : undefined
}

function priceOf(row: Row<ListingKey>, currency: string): number | null {
  const text = row.text('price')
  if (text === '') return null
  const amount = parseMoney(text, currency)
  if ('problem' in amount) throw row.error('price', amount.problem)
  return amount.cents
}
