// Spellings of names, addresses and numbers of guests: stored in one form, found in any, refused when nobody sees them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cast } from '../../../test/harness.ts'
import { findings, must, newProperty, readAllPages, stay } from '../../../test/steps.ts'

const { manager, staff } = await cast()
const guest = (first_name: string, last_name: string, more: object = {}) =>
  staff.post('guests', { first_name, last_name, ...more })
const found = async (query: string) =>
  must(200, await staff.get(`guests?${query}`)).body.items.map(({ last_name }: { last_name: string }) => last_name)

describe('a name without a visible character, or with one that nobody sees, is refused', () => {
  const refused: [first_name: string, last_name: string, pointers: string[]][] = [
    [' ', ' ', ['/first_name', '/last_name']],
    ['\u200b', '\u200b', ['/first_name', '/last_name']],
    ['\u00a0', 'X', ['/first_name']],
    ['Ada', 'Love\u0007lace', ['/last_name']],
    ['Ada', 'Love\nlace', ['/last_name']],
    ['Ada\u202e', 'Lovelace', ['/first_name']],
    ['Ada', '\u3164', ['/last_name']],
  ]
  for (const [first_name, last_name, pointers] of refused) {
    test(JSON.stringify([first_name, last_name]), async () => {
      const refusals = findings(must(422, await guest(first_name, last_name)))
      assert.deepEqual(
        refusals,
        pointers.map((pointer) => `${pointer} INVALID`),
      )
      const property_id = await newProperty(manager)
      const booking = stay(property_id, '2031-01-01', 2, { guest: { first_name, last_name } })
      assert.deepEqual(
        findings(must(422, await staff.post('bookings', booking))),
        pointers.map((pointer) => `/guest${pointer} INVALID`),
      )
    })
  }
})

test('a name is stored in NFC, trimmed and with single blanks, and so is a change', async () => {
  const made = must(201, await guest(' Rene\u0301 ', 'van  der\u00a0Mu\u0308hle')).body
  assert.deepEqual([made.first_name, made.last_name], ['René', 'van der Mühle'])
  const changed = must(200, await staff.patch(`guests/${made.id}`, { last_name: ' Mu\u0308ller' })).body
  assert.equal(changed.last_name, 'Müller')
  const kept = must(201, await guest('می\u200cخواهم', 'क्\u200dष 👩\u200d👧')).body
  assert.deepEqual([kept.first_name, kept.last_name], ['می\u200cخواهم', 'क्\u200dष 👩\u200d👧'])
})

test('an address with umlauts is one guest in every spelling, in every operation', async () => {
  const spellings = ['info@müller.example', 'INFO@xn--mller-kva.example', 'info@mu\u0308ller.example']
  const { id } = must(201, await guest('Ida', 'Müller', { email: spellings[0] })).body
  for (const email of spellings) {
    const listed = must(200, await staff.get(`guests?email=${encodeURIComponent(email)}`)).body.items
    assert.deepEqual([listed.length, listed[0]?.id, listed[0]?.email], [1, id, 'info@müller.example'], email)
    assert.deepEqual(findings(must(409, await guest('Other', 'Person', { email }))), ['/email TAKEN'])
    assert.equal(must(200, await staff.patch(`guests/${id}`, { email })).body.version, 1)
    const booking = stay(await newProperty(manager), '2031-02-01', 2, {
      guest: { first_name: 'I', last_name: 'M', email },
    })
    assert.equal(must(201, await staff.post('bookings', booking)).body.guest.id, id)
  }
  for (const email of ['ada@example.com\u200b', 'ada@b', 'ada @example.com', 'a@127.0.0.1']) {
    assert.deepEqual(findings(must(422, await guest('Ada', 'X', { email }))), ['/email INVALID'], email)
    must(422, await staff.get(`guests?email=${encodeURIComponent(email)}`))
  }
})

test('a phone number is stored without its trunk 0 and without what spreadsheets add', async () => {
  for (const phone of ['+43 (0)660 7654321', "'+43 660 7654321", '0043 660/7654321', '+43\u00a0660\u20117654321']) {
    assert.equal(must(201, await guest('Pia', 'Phone', { phone })).body.phone, '+436607654321', phone)
  }
  const seven = must(201, await guest('Paula', 'Dial', { phone: '+43 660 1112223' })).body.last_name
  for (const q of ['+43 (0)660 1112223', '0043 660 111', '660/111-22', '+43 (0)660 111']) {
    assert.deepEqual(await found(`q=${encodeURIComponent(q)}`), [seven], q)
  }
  for (const phone of ['123456', '+43 660 7654321 ext 2', 'call me now']) {
    assert.deepEqual(findings(must(422, await guest('Pia', 'Phone', { phone }))), ['/phone INVALID'], phone)
  }
})

test('a guest is found without accents, by ss for ß, by ue for ü, and by last name first', async () => {
  must(201, await guest('Jürgen', 'Groß'))
  must(201, await guest('Łukasz', 'Özdemir', { email: 'lukasz@example.org' }))
  must(201, await guest('Bele\u0301n', 'Mu\u0308nch'))
  const searches: [last_name: string, ...q: string[]][] = [
    ['Groß', 'Gross', 'groß', 'Juergen', 'jurgen', 'Groß, Jürgen', 'Gross, Juergen', 'JÜRGEN GROSS'],
    ['Özdemir', 'Lukasz', 'Ozdemir', 'Oezdemir', 'ŁUKASZ', 'Özdemir Łukasz', 'lukasz@exam'],
    ['Münch', 'Münch', 'Mu\u0308nch', 'Belén', 'Belen', 'munch belen', 'Muench'],
  ]
  for (const [last_name, ...all] of searches) {
    for (const q of all) assert.deepEqual(await found(`q=${encodeURIComponent(q)}`), [last_name], q)
  }
  assert.deepEqual(await found('q=Groß%20Łukasz'), [])
})

test('guests are sorted as people sort them, also across pages', async () => {
  const names: [first_name: string, last_name: string][] = [
    ['Zoe', 'Sortzebra'],
    ['Anna', 'sortäpfel'],
    ['Bert', 'Sortapfel'],
    ['Carl', 'SORTAPFEL'],
    ['Dora', 'Sortøst'],
    ['Emil', 'Sortomega'],
    ['Fred', 'Sort-berg'],
  ]
  for (const [first_name, last_name] of names) must(201, await guest(first_name, last_name))
  const items = await readAllPages(staff, 'guests?q=sort&limit=2')
  assert.deepEqual(
    items.map(({ first_name }) => first_name),
    ['Fred', 'Anna', 'Bert', 'Carl', 'Emil', 'Dora', 'Zoe'],
  )
  assert.ok(items.every((item) => !('sort_name' in item) && !('search_text' in item)))
})

test('a booking is found by its guest in every spelling', async () => {
  const property_id = await newProperty(manager)
  const book = async (day: string, first_name: string, last_name: string, more: object = {}) =>
    must(201, await staff.post('bookings', stay(property_id, day, 2, { guest: { first_name, last_name, ...more } })))
      .body.id
  const email = 'ostergaard@example.com'
  const one = await book('2032-01-01', 'Søren', 'Østergård', { email })
  // The same guest with another name: the booking keeps the name that was given for it.
  const two = await book('2032-02-01', 'Frederik', 'Strauß', { email })
  const idsOf = async (q: string) =>
    must(200, await staff.get(`bookings?q=${encodeURIComponent(q)}`)).body.items.map(({ id }: { id: string }) => id)
  for (const q of ['Ostergard', 'Østergård, Søren', 'Soeren']) {
    assert.ok((await idsOf(q)).includes(one), q)
  }
  for (const q of ['Strauss', 'STRAUSS, FREDERIK', 'Strauß']) assert.deepEqual(await idsOf(q), [two], q)
})
