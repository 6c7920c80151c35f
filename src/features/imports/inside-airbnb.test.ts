// Proves how the columns of an Inside Airbnb file become the facts of a property.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { propertyTypes } from '../properties/schema.ts'
import { rowOf } from './columns.ts'
import { RowError } from './import-errors.ts'
import { bathroomsIn, type ListingKey, listingFormat, propertyTypeOf, readListing } from './inside-airbnb.ts'

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
describe('each kind of home becomes one of our types', () => {
  for (const [text, type] of Object.entries(types))
    test(`"${text}" -> ${type}`, () => assert.equal(propertyTypeOf(text), type))
})

describe('bathrooms are counted in halves', () => {
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
  for (const [text, count] of Object.entries(counts)) test(text, () => assert.equal(bathroomsIn(text), count))
})

const whole: Record<ListingKey, string> = {
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
  price: '$1,320.00',
}

function listing(cells: Partial<Record<ListingKey, string>>) {
  const keys = Object.keys(whole) as ListingKey[]
  const places = new Map(keys.map((key, index) => [key, { index, label: listingFormat.columns[key].name }]))
  const row = rowOf(2, Object.values({ ...whole, ...cells }), listingFormat, places)
  return readListing(row, 'SEK')
}

test('a whole row, read to the last column', () => {
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
    },
  })
})

test('the number of bathrooms counts before their text, a room type stands in for a missing property type', () => {
  assert.equal(listing({ bathrooms: '2.0', bathrooms_text: 'Half-bath' }).facts.bathrooms, 2)
  assert.equal(listing({ property_type: '', room_type: 'Private room' }).facts.property_type, 'room')
})

test('a blank name becomes what the home is and where', () => {
  assert.equal(listing({ name: '  ' }).facts.name, 'Entire rental unit in Södermalms')
  assert.equal(listing({ name: '', neighbourhood: '' }).facts.name, 'Entire rental unit')
})

test('an empty cell is not known, and no error', () => {
  const { facts } = listing({ price: '', latitude: '', bedrooms: '', bathrooms_text: '', neighbourhood: '' })
  const { base_price_cents, latitude, bedrooms, bathrooms, city } = facts
  assert.deepEqual([base_price_cents, latitude, bedrooms, bathrooms, city], [null, null, null, null, null])
})

describe('a wrong cell is refused by the name of its column', () => {
  const wrong: [ListingKey, string, string, RegExp][] = [
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
  for (const [key, text, column, reason] of wrong) {
    test(`${key} ${text.slice(0, 20)}`, () => {
      assert.throws(
        () => listing({ [key]: text }),
        (error) => error instanceof RowError && error.column === column && reason.test(error.message),
      )
    })
  }
})

test('a row without name, type and neighbourhood has no name at all', () => {
  assert.throws(
    () => listing({ name: '', property_type: '', room_type: '', neighbourhood: '' }),
    /is empty, and so are/,
  )
})

test('255 characters are counted as people count them', () => {
  assert.equal(listing({ name: '🏠'.repeat(255) }).facts.name, '🏠'.repeat(255))
})
