// Reading a row of Inside Airbnb's listings file.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rowOf } from '../../../../test/import-files.ts'
import type { propertyTypes } from '../../properties/schema.ts'
import { RowError } from '../import-errors.ts'
import { type ListingKey, listingFormat, readListing, toBathrooms, toPropertyType } from './inside-airbnb-listings.ts'

const types: Record<string, (typeof propertyTypes)[number]> = {
  'Entire rental unit': 'apartment',
  'Entire serviced apartment': 'apartment',
  'Entire loft': 'apartment',
  'Entire guest suite': 'apartment',
  'Entire condo': 'condo',
  'Entire villa': 'villa',
  'Entire home': 'house',
  'Entire townhouse': 'house',
  'Entire guesthouse': 'house',
  'Tiny home': 'house',
  'Farm stay': 'house',
  'Casa particular': 'house',
  'Entire vacation home': 'house',
  'Entire cabin': 'cabin',
  'Entire cottage': 'cottage',
  'Entire chalet': 'chalet',
  Studio: 'studio',
  'Private room in rental unit': 'room',
  'Private room in villa': 'room',
  'Shared room in hostel': 'room',
  'Room in boutique hotel': 'room',
  'Room in aparthotel': 'room',
  'Hotel room': 'room',
  'Entire home/apt': 'apartment',
  Boat: 'other',
  'Camper/RV': 'other',
  Barn: 'other',
  '': 'other',
}
describe('each property type of Airbnb maps to one of Roost', () => {
  for (const [text, type] of Object.entries(types))
    test(`"${text}" -> ${type}`, () => assert.equal(toPropertyType(text), type))
})

describe('bathrooms are counted in steps of 0.5', () => {
  const counts: Record<string, number | undefined> = {
    '1 bath': 1,
    '1.5 shared baths': 1.5,
    '1 private bath': 1,
    '0 shared baths': 0,
    'Half-bath': 0.5,
    'Shared half-bath': 0.5,
    'Private half-bath': 0.5,
    '12.0': 12,
    '2': 2,
    '1.25 baths': undefined,
    '101': undefined,
    'two baths': undefined,
    '-1': undefined,
  }
  for (const [text, count] of Object.entries(counts)) test(text, () => assert.equal(toBathrooms(text), count))
})

const valid: Record<ListingKey, string> = {
  id: '42',
  name: 'Home',
  neighbourhood: 'Södermalms',
  latitude: '59.334567',
  longitude: '18.03693',
  property_type: 'Entire rental unit',
  room_type: 'Entire home/apt',
  accommodates: '4',
  bathrooms: '',
  bathrooms_text: '1.5 shared baths',
  bedrooms: '2.0',
  beds: '',
  min_nights: '2',
  max_nights: '30',
  price: '$1,320.00',
}

function listing(cells: Partial<Record<ListingKey, string>>) {
  return readListing(rowOf(listingFormat, { ...valid, ...cells }), 'SEK')
}

test('every column of a row is read', () => {
  assert.deepEqual(listing({}), {
    external_id: '42',
    facts: {
      name: 'Home',
      property_type: 'apartment',
      max_guests: 4,
      bedrooms: 2,
      beds: null,
      bathrooms: 1.5,
      city: 'Södermalms',
      latitude: 59.33457,
      longitude: 18.03693,
      base_price_cents: 132_000,
      min_nights: 2,
      max_nights: 30,
    },
  })
})

test('bathrooms precede bathrooms_text, and room_type replaces an empty property_type', () => {
  assert.equal(listing({ bathrooms: '2.0', bathrooms_text: 'Half-bath' }).facts.bathrooms, 2)
  assert.equal(listing({ property_type: '', room_type: 'Private room' }).facts.property_type, 'room')
})

test('a blank name becomes the property type and the neighbourhood', () => {
  assert.equal(listing({ name: '  ' }).facts.name, 'Entire rental unit in Södermalms')
  assert.equal(listing({ name: '', neighbourhood: '' }).facts.name, 'Entire rental unit')
})

test('an optional cell that is empty is null', () => {
  const { facts } = listing({ price: '', latitude: '', bedrooms: '', bathrooms_text: '', neighbourhood: '' })
  const { base_price_cents, latitude, bedrooms, bathrooms, city } = facts
  assert.deepEqual([base_price_cents, latitude, bedrooms, bathrooms, city], [null, null, null, null, null])
})

describe('an error names the column of the cell', () => {
  const invalid: [ListingKey, string, string, RegExp][] = [
    ['id', '', 'id', /is empty/],
    ['id', '9'.repeat(201), 'id', /longer than 200/],
    ['name', 'x'.repeat(256), 'name', /longer than 255/],
    ['accommodates', '', 'accommodates', /is empty/],
    ['accommodates', '0', 'accommodates', /1 to 500/],
    ['accommodates', 'many', 'accommodates', /not a whole number/],
    ['bedrooms', '1.5', 'bedrooms', /not a whole number/],
    ['beds', '-1', 'beds', /not a whole number/],
    ['bathrooms', '1.3', 'bathrooms', /steps of 0.5/],
    ['latitude', '91', 'latitude', /-90 to 90/],
    ['longitude', 'east', 'longitude', /not a number/],
    ['neighbourhood', 'x'.repeat(101), 'neighbourhood_cleansed', /longer than 100/],
    ['price', '-$5', 'price', /negative/],
    ['price', '5 USD', 'price', /is in USD/],
  ]
  for (const [key, text, column, reason] of invalid) {
    test(`${key} ${text.slice(0, 20)}`, () => {
      assert.throws(
        () => listing({ [key]: text }),
        (error) => error instanceof RowError && error.column === column && reason.test(error.message),
      )
    })
  }
})

test('a row without name, type and neighbourhood is an error', () => {
  assert.throws(
    () => listing({ name: '', property_type: '', room_type: '', neighbourhood: '' }),
    /is empty, and so are/,
  )
})

test('the length of a name is counted in code points', () => {
  assert.equal(listing({ name: '🏠'.repeat(255) }).facts.name, '🏠'.repeat(255))
})
