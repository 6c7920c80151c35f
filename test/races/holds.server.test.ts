// Races of holds, bookings and blocks for the same nights, and races for one hold.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { countByKind } from '../../src/commands/verify/overlap/statistics.ts'
import { expireHolds } from '../../src/features/holds/expiry.ts'
import { players } from '../cast.ts'
import { cast } from '../harness.ts'
import { dayAfter, newProperty, stay } from '../steps.ts'
import { contest, startClients, times } from './clients.ts'

const fixture = await cast({ pool_size: 10 })
const { admin, store } = fixture
const { token } = await fixture.tokens.issue({ user_id: players.admin.user_id })
const clients = await startClients(fixture.app, token)
after(() => clients.close())

const book = (property_id: string, check_in: string) => clients.send('POST', 'bookings', stay(property_id, check_in))
const hold = (property_id: string, check_in: string) =>
  clients.send('POST', 'holds', { property_id, check_in, check_out: dayAfter(check_in, 3) })
const block = (property_id: string, start_date: string) =>
  clients.send('POST', 'availability/blocks', {
    property_id,
    start_date,
    end_date: dayAfter(start_date, 3),
    reason: 'maintenance',
  })
const convert = (id: unknown, more: object = {}) =>
  clients.send('POST', `holds/${id}/booking`, { num_adults: 2, ...more })

async function rowsOf(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** Releases every active hold. */
async function releaseHolds(): Promise<void> {
  await rowsOf('delete from occupancies where hold_id is not null')
  await rowsOf('update holds set released_at = now() where booking_id is null and released_at is null')
}

/** The kinds of the property's occupancy rows, after asserting that no two share a night. */
async function occupancyKinds(property_id: string): Promise<unknown[]> {
  const shared = await rowsOf(`
    select 1 from occupancies a join occupancies b on a.property_id = b.property_id and a.id < b.id and a.during && b.during`)
  assert.deepEqual(shared, [])
  return (await rowsOf('select kind from occupancies where property_id = $1', [property_id])).map(({ kind }) => kind)
}

test('of 20 holds, 20 bookings and 20 blocks for the same nights exactly one wins', async (t) => {
  t.after(releaseHolds)
  const sides = [hold, book, block]
  const won: Record<string, number> = { hold: 0, booking: 0, block: 0 }
  for (let round = 0; round < 9; round++) {
    const property_id = await newProperty(admin)
    // Each kind goes first in a third of the rounds; in the first three it is answered before the others are sent.
    const sideOf = (i: number) => sides[(Math.floor(i / 20) + round) % 3] ?? hold
    const attempt = (i: number) => sideOf(i)(property_id, '2031-05-10')
    const early = round < 3 ? [await attempt(0)] : []
    const answers = [...early, ...(await clients.together(60 - early.length, (i) => attempt(i + early.length)))]
    assert.deepEqual(countByKind(answers), { 201: 1, '409 BOOKING_CONFLICT': 59 })
    const [winner = '', ...others] = (await occupancyKinds(property_id)) as string[]
    assert.deepEqual(others, [])
    won[winner] = (won[winner] ?? 0) + 1
    await releaseHolds()
  }
  t.diagnostic(`9 rounds: ${JSON.stringify(won)}`)
  assert.ok(
    Object.values(won).every((rounds) => rounds > 0),
    `each side has won: ${JSON.stringify(won)}`,
  )
})

test('of 50 requests to book one hold one creates a booking and 49 get its id', async (t) => {
  t.after(releaseHolds)
  const property_id = await newProperty(admin)
  const { body } = await hold(property_id, '2031-05-10')
  const guest = { first_name: 'R', last_name: 'G', email: 'race@example.com' }
  const answers = await clients.together(50, () => convert(body.id, { guest }))
  assert.deepEqual(countByKind(answers), { 201: 1, '409 HOLD_EXPIRED': 49 })
  const booking_id = answers.find(({ status }) => status === 201)?.body.id
  for (const { status, body: answer } of answers) {
    if (status === 409) {
      assert.deepEqual((answer.error as { meta: object }).meta, { status: 'converted', booking_id })
    }
  }
  const bookings = await rowsOf('select id from bookings where property_id = $1', [property_id])
  assert.deepEqual(bookings, [{ id: booking_id }])
  assert.deepEqual(await occupancyKinds(property_id), ['booking'])
})

test('while a hold becomes a booking no other booking gets its nights', async (t) => {
  t.after(releaseHolds)
  for (let round = 0; round < 10; round++) {
    const property_id = await newProperty(admin)
    const { body } = await hold(property_id, '2031-05-10')
    const [converted, ...others] = await Promise.all([
      convert(body.id),
      ...Array.from({ length: 20 }, () => book(property_id, '2031-05-10')),
    ])
    assert.equal(converted?.status, 201, JSON.stringify(converted?.body))
    assert.deepEqual(countByKind(others), { '409 BOOKING_CONFLICT': 20 })
    assert.deepEqual(await occupancyKinds(property_id), ['booking'])
  }
})

test('a hold booked and released at once is either booked or released', async (t) => {
  t.after(releaseHolds)
  const won: Record<string, number> = {}
  for (let round = 0; round < 20; round++) {
    const property_id = await newProperty(admin)
    const { body } = await hold(property_id, '2031-05-10')
    const release = () => clients.send('DELETE', `holds/${body.id}`)
    const answers = await contest(
      round,
      () => convert(body.id),
      release,
      async () => {
        const converted = convert(body.id)
        // A release takes fewer steps: it starts later by as many requests as the round number.
        for (let lead = round % 5; lead > 0; lead--) await clients.send('GET', 'me')
        return Promise.all([converted, release()])
      },
    )
    const kinds = Object.keys(countByKind(answers)).sort()
    assert.ok(kinds.length === 2 && kinds[1] === '409 HOLD_EXPIRED', JSON.stringify(kinds))
    const is_booked = kinds[0] === '201'
    assert.deepEqual(await occupancyKinds(property_id), is_booked ? ['booking'] : [])
    const bookings = await rowsOf('select 1 from bookings where property_id = $1', [property_id])
    assert.equal(bookings.length, is_booked ? 1 : 0)
    won[kinds[0] ?? ''] = (won[kinds[0] ?? ''] ?? 0) + 1
  }
  t.diagnostic(`20 rounds: ${JSON.stringify(won)}`)
  assert.ok(won['201'] && won['204'], `each side has won: ${JSON.stringify(won)}`)
})

test('of 20 releases of one hold one succeeds', async (t) => {
  t.after(releaseHolds)
  const { body } = await hold(await newProperty(admin), '2031-05-10')
  const answers = await clients.together(20, () => clients.send('DELETE', `holds/${body.id}`))
  assert.deepEqual(countByKind(answers), { 204: 1, '409 HOLD_EXPIRED': 19 })
})

test('40 concurrent holds of one person on different properties stop at the limit per person', async (t) => {
  t.after(releaseHolds)
  const properties = await times(8, () => newProperty(admin))
  const answers = await clients.together(40, (i) => hold(properties[i % 8] ?? '', dayAfter('2031-01-01', i * 3)))
  assert.deepEqual(countByKind(answers), { 201: 5, '409 HOLD_LIMIT_REACHED': 35 })
})

test('the expiry job and bookings of the expired nights do not block each other', async (t) => {
  t.after(releaseHolds)
  const before = await rowsOf('select deadlocks::int as n from pg_stat_database where datname = current_database()')
  for (let round = 0; round < 5; round++) {
    const properties = await times(5, () => newProperty(admin))
    await times(5, (i) => hold(properties[i] ?? '', '2031-05-10'))
    const expired = "expires_at = now() - interval '1 second'"
    await rowsOf(`update holds set ${expired} where booking_id is null and released_at is null`)
    await rowsOf(`update occupancies set ${expired} where hold_id is not null`)
    const [, ...answers] = await Promise.all([
      times(5, () => expireHolds(store.db)),
      ...properties.flatMap((property_id) => [book(property_id, '2031-05-10'), book(property_id, '2031-05-10')]),
    ])
    assert.deepEqual(countByKind(answers), { 201: 5, '409 BOOKING_CONFLICT': 5 })
    for (const property_id of properties) assert.deepEqual(await occupancyKinds(property_id), ['booking'])
  }
  const now = await rowsOf('select deadlocks::int as n from pg_stat_database where datname = current_database()')
  assert.deepEqual(now, before)
})
