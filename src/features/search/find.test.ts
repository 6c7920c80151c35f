// Tests /find over HTTP: what each role finds and sees, the order of results, spellings, hostile texts, limits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north } from '../../../test/cast.ts'
import { type Client, castPerTest, type Reply } from '../../../test/harness.ts'
import { findings, must, newProperty, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, otherOwner, accountant, outsider, anonymous, store } = await castPerTest()
const find = async (client: Pick<Client, 'get'>, q: string, limit = 5): Promise<Reply['body']> =>
  must(200, await client.get(`find?q=${encodeURIComponent(q)}&limit=${limit}`)).body
const kindsOf = (body: object) => Object.keys(body).sort()

/** Books a stay with this guest. Returns the booking. */
async function book(property_id: string, check_in: string, guest: object = {}, more: object = {}) {
  const given = { first_name: 'Ada', last_name: 'Lovelace', ...guest }
  return must(201, await staff.post('bookings', stay(property_id, check_in, 2, { guest: given, ...more }))).body
}

/** Only imports choose references. */
async function renameBooking(id: string, reference: string): Promise<void> {
  await store.owner.query('update bookings set reference = $2 where id = $1', [id, reference])
}

const guestNames = ({ guests }: Reply['body']) =>
  guests.map(({ first_name, last_name }: Record<string, string>) => `${first_name} ${last_name}`)
const references = ({ bookings }: Reply['body']) => bookings.map(({ reference }: Record<string, string>) => reference)
const propertyNames = ({ properties }: Reply['body']) => properties.map(({ name }: Record<string, string>) => name)

const secret = { first_name: 'Zoë', last_name: 'Secretname', email: 'zoe@secret.example', phone: '+43 660 7654321' }

test('a booking has what a line of a list needs, and of the guest what the role may see', async () => {
  const { lake } = castProperties
  const { id, reference, guest } = await book(lake.id, '2031-05-10', secret, { external_code: 'HM-77' })
  const dates = { status: 'confirmed', check_in: '2031-05-10', check_out: '2031-05-12' }
  const line = { id, reference, property_id: lake.id, property_name: 'Lake House', ...dates }
  for (const client of [admin, manager, staff]) {
    const found = await find(client, reference)
    assert.deepEqual(found.bookings, [
      { ...line, external_code: 'HM-77', guest: { id: guest.id, first_name: 'Zoë', last_name: 'Secretname' } },
    ])
  }
  assert.deepEqual((await find(owner, reference)).bookings, [{ ...line, guest: { last_name: 'Secretname' } }])
  assert.deepEqual(await find(accountant, reference), { bookings: [line] })
  assert.deepEqual((await find(otherOwner, reference)).bookings, [])
})

test('kinds that a role may not read are absent, and nothing is found by what it does not see', async () => {
  await book(castProperties.lake.id, '2031-05-10', secret, { external_code: 'HM-77' })
  const texts = ['secretname', 'zoe@secret', '7654321', 'HM-77', 'Lake', 'zo']
  for (const client of [admin, manager, staff])
    assert.deepEqual(kindsOf(await find(client, 'zo')), ['bookings', 'guests', 'properties'])
  for (const q of texts) {
    const by_owner = await find(owner, q)
    assert.deepEqual(kindsOf(by_owner), ['bookings', 'properties'])
    assert.deepEqual([by_owner.bookings, propertyNames(by_owner)], [[], q === 'Lake' ? ['Lake House'] : []], q)
    assert.deepEqual(await find(accountant, q), { bookings: [] }, q)
    const nothing = { bookings: [], guests: [], properties: [] }
    assert.deepEqual(await find(outsider, q), nothing, `${q}: another agency`)
    assert.notDeepEqual(await find(staff, q), nothing, q)
  }
  assert.deepEqual((await find(owner, 'town')).properties, [])
  must(401, await anonymous.get('find?q=lake'))
})

test('a booking is found by external code, guest and phone, also as given for the booking only', async () => {
  const first = await book(castProperties.lake.id, '2031-05-10', secret, { external_code: 'HM_77%x' })
  // The guest keeps name and number; the booking has its own.
  const other = { ...secret, last_name: 'Øther', phone: '+49 30 1234567' }
  const second = await book(castProperties.town.id, '2031-06-10', other)
  const ids = async (q: string) => (await find(staff, q)).bookings.map(({ id }: { id: string }) => id)
  assert.deepEqual(await ids('hm_77%X'), [first.id])
  for (const q of ['other', 'oether zoe', '30 1234', '+49 (0)30 123']) assert.deepEqual(await ids(q), [second.id], q)
  for (const q of ['secretname', 'zoe@secret.example', '0043 660/765']) {
    assert.deepEqual(await ids(q), [second.id, first.id], q)
  }
  must(204, await admin.delete(`bookings/${second.id}`))
  assert.deepEqual(await ids('øther'), [], 'a deleted booking')
})

test('the exact reference is first, then beginnings of words, then texts inside', async () => {
  const wanted: [reference: string, check_in: string, last_name: string][] = [
    ['AB12', '2031-01-10', 'Exact'],
    ['AB123', '2031-03-10', 'Prefix'],
    ['AB12-9', '2031-02-10', 'Older'],
    ['ZZ-1', '2031-02-20', 'Ab12berg'],
    ['XAB12', '2031-09-10', 'Inside'],
    ['ZZ-2', '2031-08-10', 'Mab12'],
  ]
  for (const [reference, check_in, last_name] of wanted.toReversed()) {
    const { id } = await book(castProperties.lake.id, check_in, { first_name: 'Kim', last_name })
    await renameBooking(id, reference)
  }
  const expected = ['AB12', 'AB123', 'ZZ-1', 'AB12-9', 'XAB12', 'ZZ-2']
  assert.deepEqual(references(await find(staff, 'ab12', 10)), expected)
  assert.deepEqual(references(await find(staff, ' Ab12 ', 3)), expected.slice(0, 3))
  assert.deepEqual(references(await find(owner, 'ab12', 10)), ['AB12', 'AB123', 'AB12-9', 'XAB12'])
  const { id } = await book(castProperties.town.id, '2031-01-01', {}, { external_code: 'AB12', source: 'other' })
  const found = (await find(staff, 'ab12')).bookings
  assert.deepEqual([found[0].reference, found[1].id], ['AB12', id], 'an external code is exact as well')
})

test('guests and properties: beginnings of words first, then by name; merged guests are left out', async () => {
  const names = ['Anna Zimmer', 'Hans Ahrens', 'Johanna Abel', 'Hannes Bach', 'Anna-Lena Hanke']
  const ids = new Map<string, string>()
  for (const name of names) {
    const [first_name, last_name] = name.split(' ')
    ids.set(name, must(201, await staff.post('guests', { first_name, last_name })).body.id)
  }
  const found = guestNames(await find(staff, 'han'))
  assert.deepEqual(found, ['Hans Ahrens', 'Hannes Bach', 'Anna-Lena Hanke', 'Johanna Abel'])
  assert.deepEqual(guestNames(await find(staff, 'lena han')), ['Anna-Lena Hanke'])
  must(200, await staff.post(`guests/${ids.get('Hans Ahrens')}/merge`, { guest_id: ids.get('Hannes Bach') }))
  assert.deepEqual(guestNames(await find(staff, 'han', 2)), ['Hans Ahrens', 'Anna-Lena Hanke'])
  await newProperty(manager, { name: 'Am Seehaus', city: 'Bad Lakeland' })
  await newProperty(manager, { name: 'Zum Blake' })
  assert.deepEqual(propertyNames(await find(staff, 'lake')), ['Am Seehaus', 'Lake House', 'Zum Blake'])
})

test('accents and case do not matter, and ü is found as u and ue', async () => {
  await book(castProperties.lake.id, '2031-05-10', { first_name: 'Jürgen', last_name: 'Müller' })
  await newProperty(manager, { name: 'Haus Müller', city: 'Gößl' })
  for (const q of ['Müller', 'muller', 'MÜLLER', 'mueller', 'Mu\u0308ller']) {
    const { bookings, guests, properties } = await find(staff, q)
    assert.deepEqual([bookings.length, guests.length, properties.length], [1, 1, 1], q)
  }
  for (const q of ['Gößl', 'gossl', 'GÖSSL', 'goessl'])
    assert.deepEqual(propertyNames(await find(staff, q)), ['Haus Müller'], q)
})

test('wildcards, quotes and long texts are texts', async () => {
  const guest = { first_name: '50%_off', last_name: 'O\'Neil "\\"' }
  await book(castProperties.lake.id, '2031-05-10', guest, { external_code: '%_' })
  for (const q of ['%_', '50%_', "o'neil", '"\\"']) assert.equal((await find(staff, q)).bookings.length, 1, q)
  for (const q of ["'; drop table guests; --", '__', '%%', '$1$2', '\\%', '\u{1f3e1}'.repeat(100), 'x '.repeat(50)]) {
    for (const client of [staff, owner, accountant])
      for (const records of Object.values(await find(client, q))) assert.deepEqual(records, [], q)
  }
  // Nothing is left of these when they are folded or split into words.
  for (const q of ['--', ',,', '\u0301\u0301', '+-', "''"]) await find(staff, q)
})

test('a text shorter than 2 or longer than 100 characters is refused, blanks do not count', async () => {
  for (const q of ['', 'a', ' a ', '   ', '\u{1f3e1}', 'x'.repeat(101)]) {
    const refused = must(422, await staff.get(`find?q=${encodeURIComponent(q)}`))
    assert.match(findings(refused).join(), /^\/query\/q /, q)
    if (q !== '' && q.length < 100)
      assert.match(refused.body.error.details[0].message, /must have at least 2 characters/)
  }
  must(422, await staff.get('find'))
  must(422, await staff.get('find?q=a%00b'))
})

test('each kind has at most `limit` records, 5 unless said otherwise and 10 at most', async () => {
  await store.owner.query(
    `insert into properties (agency_id, id, name, property_type, max_guests, currency)
     select $1, gen_random_uuid(), 'Chalet ' || n, 'house', 4, 'EUR' from generate_series(1, 12) n`,
    [north],
  )
  const countOf = async (query: string) => must(200, await staff.get(`find?q=chalet${query}`)).body.properties.length
  assert.deepEqual([await countOf(''), await countOf('&limit=1'), await countOf('&limit=10')], [5, 1, 10])
  for (const limit of ['0', '11']) must(422, await staff.get(`find?q=chalet&limit=${limit}`))
})

test('in an empty agency nothing is found', async () => {
  await store.owner.query('update properties set deleted_at = now() where agency_id = $1', [north])
  assert.deepEqual(await find(staff, 'lake'), { bookings: [], guests: [], properties: [] })
  assert.deepEqual(await find(owner, 'lake'), { bookings: [], properties: [] })
  assert.deepEqual(await find(accountant, 'lake'), { bookings: [] })
})
