// The CSV export of bookings: the rows of the list, with the columns of the role.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { type Client, castPerTest } from '../../../test/harness.ts'
import { dayAfter, must, newProperty, readAllPages, stay } from '../../../test/steps.ts'

const { admin, manager, staff, owner, accountant, outsider } = await castPerTest()

async function rowsOf(client: Client, query = ''): Promise<Record<string, string>[]> {
  const { text } = must(200, await client.get(`bookings/export${query}`))
  return parse(text, { bom: true, columns: true })
}

test('an accountant gets nights, amounts and tax of the month, and nothing of the guest', async () => {
  const property_id = await newProperty(manager, { name: 'House "A", =1+1', base_price_cents: 10_000 })
  const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com' }
  const more = { guest, internal_notes: 'secret note', tax_cents: 700 }
  for (const day of ['2031-04-30', '2031-05-01', '2031-05-31', '2031-06-01'])
    must(201, await manager.post('bookings', stay(property_id, day, 1, more)))
  const rows = await rowsOf(accountant, '?check_in_from=2031-05-01&check_in_to=2031-05-31')
  assert.deepEqual(
    rows.map(({ check_in, num_nights, tax_cents, total_cents, currency, property_name }) => {
      return [check_in, num_nights, tax_cents, total_cents, currency, property_name]
    }),
    ['2031-05-01', '2031-05-31'].map((day) => [day, '1', '700', '15700', 'EUR', 'House "A", =1+1']),
  )
  assert.doesNotMatch(JSON.stringify(rows), /Ada|Lovelace|ada@|secret note/)
})

const guestColumns = /^guest_(id|first_name|last_name|email|phone|country)$/

test('each role exports the rows and members of its list', async () => {
  const property_id = await newProperty(manager)
  for (let n = 0; n < 120; n += 1)
    must(
      201,
      await staff.post('bookings', stay(property_id, dayAfter('2031-01-01', n), 1, { guest_message: 'a\r\nb' })),
    )
  const clients = { admin, manager, staff, owner, accountant, outsider }
  for (const [role, client] of Object.entries(clients)) {
    const expected = role === 'owner' ? 2 : role === 'accountant' ? 0 : 6
    const rows = await rowsOf(client)
    const items = await readAllPages(client, 'bookings?sort=check_in&limit=100')
    assert.deepEqual(
      rows.map(({ id }) => id),
      items.map(({ id }) => id),
    )
    const { guest: _, ...members } = items[0] ?? {}
    const [own, ofGuest] = [Object.keys(members), Object.keys(rows[0] ?? {}).filter((name) => guestColumns.test(name))]
    assert.deepEqual(Object.keys(rows[0] ?? {}).sort(), [...own, ...ofGuest].sort())
    assert.equal(ofGuest.length, rows.length === 0 ? 0 : expected, role)
  }
})

test('a filter that the role may not use is refused before the file begins', async () => {
  const { status, body } = await accountant.get('bookings/export?guest_id=0190163d-8694-739b-aea5-966c26f8ad91')
  assert.deepEqual([status, body.error.code], [422, 'VALIDATION_ERROR'])
})
