// Which guests are offered as the same person.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castPerTest } from '../../../test/harness.ts'
import { codeOf, must, newProperty, stay } from '../../../test/steps.ts'

const { manager, staff, owner, outsider } = await castPerTest()

const guestOf = async (first_name: string, last_name: string, phone?: string, email?: string) =>
  must(201, await staff.post('guests', { first_name, last_name, phone, email })).body
const duplicatesOf = async (id: string): Promise<string[]> => {
  const { items, next_cursor } = must(200, await staff.get(`guests/${id}/duplicates`)).body
  assert.equal(next_cursor, null)
  return items.map((item: { id: string }) => item.id)
}

const same: [first_name: string, last_name: string, phone: string][] = [
  ['Zoë', 'Weiß', '+43 660 1234567'],
  ['zoe', 'WEISS', '+43 (660) 123-4567'],
  ['Weiß', 'Zoë', '0043 660 1234567'],
  ['Zoë', 'Weiß', '0660 1234567'],
]
const other: [first_name: string, last_name: string, phone: string | undefined][] = [
  ['Zoë', 'Weiss', '+49 660 1234567'],
  ['Zoë', 'Weiss', '+43 660 1234568'],
  ['Zoë Anna', 'Weiss', '+43 660 1234567'],
  ['Max', 'Weiss', '+43 660 1234567'],
  ['Zoë', 'Weiß', undefined],
]

test('the same name and phone number are offered as the same guest, in any spelling', async () => {
  const ids: string[] = []
  for (const [first_name, last_name, phone] of same) ids.push((await guestOf(first_name, last_name, phone)).id)
  for (const [first_name, last_name, phone] of other) await guestOf(first_name, last_name, phone)
  // Without the country code the last number could also be the German one.
  for (const id of ids.slice(0, 3)) {
    assert.deepEqual(
      await duplicatesOf(id),
      ids.filter((one) => one !== id),
    )
  }
})

test('two bookings without an e-mail are offered as one guest, and merged they are', async () => {
  const guest = { first_name: 'Ben', last_name: 'Tester', phone: '+49 170 1234567' }
  const bookings = []
  for (const day of ['2031-01-01', '2031-02-01']) {
    const body = stay(await newProperty(manager), day, 2, { guest })
    bookings.push(must(201, await staff.post('bookings', body)).body)
  }
  const [first, second] = bookings.map((booking) => booking.guest.id as string)
  assert.deepEqual(await duplicatesOf(String(second)), [first])
  must(200, await staff.post(`guests/${first}/merge`, { guest_id: second }))
  assert.deepEqual(await duplicatesOf(String(first)), [])
  assert.deepEqual(await duplicatesOf(String(second)), [], 'the id leads to the other guest')
  assert.equal(must(200, await staff.get(`guests/${first}`)).body.num_stays, 2)
})

test('guests of other agencies are not offered, and only the office sees duplicates', async () => {
  const { id } = await guestOf('Ben', 'Tester', '+49 170 1234567')
  must(201, await outsider.post('guests', { first_name: 'Ben', last_name: 'Tester', phone: '+49 170 1234567' }))
  assert.deepEqual(await duplicatesOf(id), [])
  assert.equal(codeOf(must(404, await outsider.get(`guests/${id}/duplicates`))), 'GUEST_NOT_FOUND')
  must(403, await owner.get(`guests/${id}/duplicates`))
})
