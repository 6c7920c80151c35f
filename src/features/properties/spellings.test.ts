// Names of properties in every spelling, their order, and currencies that exist.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cast } from '../../../test/harness.ts'
import { findings, must, newProperty, readAllPages, stay } from '../../../test/steps.ts'

const { admin, manager, staff } = await cast()
const make = (name: string, more: object = {}) =>
  manager.post('properties', { name, property_type: 'house', max_guests: 4, base_price_cents: 10_000, ...more })
const namesOf = async (q: string) =>
  (await readAllPages(staff, `properties?q=${encodeURIComponent(q)}&limit=2`)).map(({ name }) => name)

test('a name without a visible character is refused, and a name is stored in one form', async () => {
  for (const name of [' ', '\u200b', 'Mill\u0007', 'Mill\nhouse', '\u202eMill']) {
    assert.deepEqual(findings(must(422, await make(name))), ['/name INVALID'], JSON.stringify(name))
  }
  const { body } = must(201, await make(' Alte  Mu\u0308hle\u00a0', { city: ' Ko\u0308ln', postal_code: ' 50667 ' }))
  assert.deepEqual([body.name, body.city, body.postal_code], ['Alte Mühle', 'Köln', '50667'])
  for (const q of ['Mühle', 'Mu\u0308hle', 'muhle', 'Muehle', 'Köln', 'koeln mühle']) {
    assert.deepEqual(await namesOf(q), ['Alte Mühle'], q)
  }
})

test('properties are sorted as people sort them, also in the overview of the calendar', async () => {
  for (const name of ['Srt Zebra', 'Srt Äpfel', 'Srt apfel', 'Srt Österreich', 'Srt Øst', 'Srt-Bach']) {
    must(201, await make(name))
  }
  const sorted = ['Srt apfel', 'Srt Äpfel', 'Srt-Bach', 'Srt Øst', 'Srt Österreich', 'Srt Zebra']
  assert.deepEqual(await namesOf('Srt'), sorted)
  const overview = await readAllPages(staff, 'availability/overview?from=2031-01-01&to=2031-02-01&limit=2')
  assert.deepEqual(
    overview.map(({ name }) => String(name)).filter((name) => name.startsWith('Srt')),
    sorted,
  )
})

test('a currency that does not exist is refused everywhere', async () => {
  const property_id = await newProperty(manager)
  for (const currency of ['ZZZ', 'XYZ', 'XXX', 'XTS', 'DEM']) {
    assert.deepEqual(findings(must(422, await make('Money', { currency }))), ['/currency INVALID'])
    assert.deepEqual(findings(must(422, await manager.patch(`properties/${property_id}`, { currency }))), [
      '/currency INVALID',
    ])
    const booking = stay(property_id, '2031-01-01', 2, { currency, total_cents: 5 })
    assert.deepEqual(findings(must(422, await staff.post('bookings', booking))), ['/currency INVALID'])
    assert.deepEqual(findings(must(422, await admin.patch('agency', { currency }))), ['/currency INVALID'])
  }
  for (const currency of ['BGN', 'XOF', 'CLF', 'VED']) must(201, await make('Money', { currency }))
})
