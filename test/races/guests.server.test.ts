// Races of a merge with bookings for the merged guest, and of merges in both directions.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { players } from '../cast.ts'
import { cast } from '../harness.ts'
import { must, newProperty, stay } from '../steps.ts'
import { type Answer, startClients, times } from './clients.ts'
import { consistencyChecks } from './consistency.ts'

const fixture = await cast({ pool_size: 10 })
const { admin, store } = fixture
const { token } = await fixture.tokens.issue({ user_id: players.admin.user_id })
const clients = await startClients(fixture.app, token)
after(() => clients.close())

let people = 0
async function newGuest(): Promise<{ id: string; email: string }> {
  people += 1
  const guest = { first_name: `Ada ${people}`, last_name: 'Lovelace', email: `racer${people}@example.com` }
  return { ...guest, id: String(must(201, await admin.post('guests', guest)).body.id) }
}

const merge = (id: string, guest_id: string) => clients.send('POST', `guests/${id}/merge`, { guest_id })
const idOf = (answer: Answer) => (answer.body as { guest: { id: string } }).guest.id

test('bookings made during a merge belong to the guest that is kept, and keep their names', async () => {
  const properties = await times(24, () => newProperty(admin))
  for (let round = 0; round < 6; round++) {
    const [kept, merged] = [await newGuest(), await newGuest()]
    const check_in = `203${round}-05-10`
    const book = (i: number) => {
      const given =
        i % 2 === 0 ? { guest_id: merged.id } : { guest: { first_name: `N${i}`, last_name: 'Y', email: merged.email } }
      return clients.send('POST', 'bookings', stay(properties[i] ?? '', check_in, 1, given))
    }
    const answers = await clients.together(24, (i) => (i === 12 ? merge(kept.id, merged.id) : book(i)))
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200, 201]))
    const { rows } = await store.owner.query(
      'select guest_id, guest_first_name as name from bookings where check_in = $1 and property_id = any ($2)',
      [check_in, properties],
    )
    assert.deepEqual([...new Set(rows.map(({ guest_id }) => guest_id))], [kept.id])
    assert.equal(rows.length, 23)
    assert.equal(rows.filter(({ name }) => /^N\d+$/.test(String(name))).length, 12)
  }
})

test('of merges in both directions one wins; a chain of merges ends at one guest', async () => {
  for (let round = 0; round < 6; round++) {
    const [one, two] = [await newGuest(), await newGuest()]
    const answers = await Promise.all([merge(one.id, two.id), merge(two.id, one.id)])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
    const [a, b, c] = [await newGuest(), await newGuest(), await newGuest()]
    await Promise.all([merge(b.id, a.id), merge(c.id, b.id)])
    const { rows } = await store.owner.query(
      `select count(*)::int as n from guests g join guests k on k.id = g.merged_into_id where k.merged_into_id is not null`,
    )
    assert.deepEqual(rows, [{ n: 0 }], 'no guest is merged into a merged guest')
    assert.equal(
      idOf(await clients.send('POST', 'bookings', stay(await newProperty(admin), '2031-05-10', 1, { guest_id: b.id }))),
      c.id,
    )
  }
})

test('the races cause no deadlock', async () => {
  assert.equal(await consistencyChecks(store).deadlocks(), 0)
})
