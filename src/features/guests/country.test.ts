// The country of a guest: who sets and sees it, and what merging and erasure do with it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { findings, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, store } = await castPerTest()

const ada = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' }
const newGuest = async (more: object = {}) =>
  must(201, await staff.post('guests', { first_name: 'Ada', last_name: 'Lovelace', ...more })).body
const read = async (path: string) => must(200, await staff.get(path)).body

test('a guest gets a country, another one, and none', async () => {
  const { id, country } = await newGuest({ country: 'AT' })
  assert.equal(country, 'AT')
  assert.equal(must(200, await staff.patch(`guests/${id}`, { country: 'CH' })).body.country, 'CH')
  const { rows } = await store.owner.query(
    `select after from audit_log where entity_id = $1 and action = 'guest.updated'`,
    [id],
  )
  assert.deepEqual(rows, [{ after: { changed: ['country'] } }])
  assert.equal(must(200, await staff.patch(`guests/${id}`, { country: null })).body.country, null)
})

test('what is no country is refused: small letters, three letters, regions, former countries', async () => {
  for (const country of ['at', 'AUT', 'EU', 'DD', 'ZZ', '']) {
    const [finding] = findings(must(422, await staff.post('guests', { ...ada, country })))
    assert.match(String(finding), /^\/country /, country)
  }
  await newGuest({ country: 'AT' })
  await assert.rejects(store.owner.query(`update guests set country = 'at'`), /guests_country_check/)
})

test('the list of guests is filtered by country', async () => {
  const [austrian] = [await newGuest({ country: 'AT' }), await newGuest({ country: 'CH' }), await newGuest()]
  const { items } = await read('guests?country=AT')
  assert.deepEqual(
    items.map(({ id }: { id: string }) => id),
    [austrian.id],
  )
})

test('a booking shows the country of its guest, also one that was set later', async () => {
  const property_id = await newProperty(manager)
  const booked = must(201, await staff.post('bookings', stay(property_id, '2031-01-01', 2, { guest: ada }))).body
  assert.equal(booked.guest.country, null)
  must(200, await staff.patch(`guests/${booked.guest.id}`, { country: 'NL' }))
  assert.equal((await read(`bookings/${booked.id}`)).guest.country, 'NL')
  assert.equal((await read('bookings')).items[0].guest.country, 'NL')
})

test('a country given with a booking is added to a known guest without one, and replaces none', async () => {
  const property_id = await newProperty(manager)
  const countryOf = async (check_in: string, more: object) =>
    must(201, await staff.post('bookings', stay(property_id, check_in, 2, { guest: { ...ada, ...more } }))).body.guest
      .country
  assert.equal(await countryOf('2031-01-01', {}), null)
  assert.equal(await countryOf('2031-02-01', { country: 'AT', phone: '+43 1 234567' }), 'AT')
  assert.equal(await countryOf('2031-03-01', { country: 'CH' }), 'AT')
  const { items } = await read('guests?email=ada@example.com')
  assert.deepEqual([items[0].country, items[0].phone], ['AT', '+431234567'])
})

test('an owner sees name and country of the guests of own homes, an accountant neither', async () => {
  const guest = { ...ada, country: 'IT' }
  const body = stay(castProperties.lake.id, '2031-01-01', 2, { guest })
  const { id } = must(201, await staff.post('bookings', body)).body
  assert.deepEqual(must(200, await owner.get(`bookings/${id}`)).body.guest, { last_name: 'Lovelace', country: 'IT' })
  assert.deepEqual(must(200, await owner.get('bookings')).body.items[0].guest, { last_name: 'Lovelace', country: 'IT' })
  assert.equal(must(200, await accountant.get(`bookings/${id}`)).body.guest, undefined)
  const header = must(200, await owner.get('bookings/export')).text.split('\r\n')[0] ?? ''
  assert.match(header, /guest_last_name,guest_country$/)
  assert.doesNotMatch(must(200, await accountant.get('bookings/export')).text, /country/)
})

test('a merge gives the country to a guest without one, and undoing it takes it back', async () => {
  const [kept, merged] = [await newGuest(), await newGuest({ country: 'PL' })]
  must(200, await staff.post(`guests/${kept.id}/merge`, { guest_id: merged.id }))
  assert.equal((await read(`guests/${kept.id}`)).country, 'PL')
  must(200, await staff.post(`guests/${merged.id}/unmerge`))
  assert.deepEqual(
    [(await read(`guests/${kept.id}`)).country, (await read(`guests/${merged.id}`)).country],
    [null, 'PL'],
  )
  must(200, await staff.patch(`guests/${kept.id}`, { country: 'CZ' }))
  must(200, await staff.post(`guests/${kept.id}/merge`, { guest_id: merged.id }))
  assert.equal((await read(`guests/${kept.id}`)).country, 'CZ', 'its own country stays')
})

test('an anonymised guest keeps the country, so that reports of past stays do not change', async () => {
  const { id } = await newGuest({ email: 'ada@example.com', country: 'SE' })
  const { country, email } = must(200, await admin.post(`guests/${id}/anonymisation`)).body
  assert.deepEqual([country, email], ['SE', null])
})
