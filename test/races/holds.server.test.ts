// Proves that holds, bookings and blocks that race for the same nights, and what races for one hold, leave one winner.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { tally } from '../../src/commands/verify/overlap/counting.ts'
import { expireHolds } from '../../src/features/holds/expiry.ts'
import { players } from '../cast.ts'
import { cast } from '../harness.ts'
import { dayAfter, newHome, stay } from '../steps.ts'
import { type Answer, sentBeforeFirstAnswer, startRush } from './rush.ts'

const stage = await cast({ pool_size: 10 })
const { admin, store } = stage
const { token } = await stage.tokens.issue({ user_id: players.admin.user_id })
const rush = await startRush(stage.app, token)
after(() => rush.close())

const times = <T>(n: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => make(i)))
const book = (home: string, check_in: string) => rush.send('POST', 'bookings', stay(home, check_in))
const hold = (home: string, check_in: string) =>
  rush.send('POST', 'holds', { property_id: home, check_in, check_out: dayAfter(check_in, 3) })
const block = (home: string, start_date: string) =>
  rush.send('POST', 'availability/blocks', {
    property_id: home,
    start_date,
    end_date: dayAfter(start_date, 3),
    reason: 'maintenance',
  })
const convert = (id: unknown, more: object = {}) => rush.send('POST', `holds/${id}/booking`, { num_adults: 2, ...more })

async function rowsOf(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** Nobody has an active hold any more. */
async function letGo(): Promise<void> {
  await rowsOf('delete from occupancies where hold_id is not null')
  await rowsOf('update holds set released_at = now() where booking_id is null and released_at is null')
}

/** Who has nights of the home, by kind; and no two rows share one. */
async function ledger(home: string): Promise<unknown[]> {
  const shared = await rowsOf(`
    select 1 from occupancies a join occupancies b on a.property_id = b.property_id and a.id < b.id and a.during && b.during`)
  assert.deepEqual(shared, [])
  return (await rowsOf('select kind from occupancies where property_id = $1', [home])).map(({ kind }) => kind)
}

function assertRaced(answers: readonly Answer[], least: number): void {
  const sent = sentBeforeFirstAnswer(answers)
  assert.ok(sent >= least, `${sent} of ${answers.length} requests really raced`)
}

test('of 20 holds, 20 bookings and 20 blocks for the same nights exactly one wins, and all others are told why', async (t) => {
  t.after(letGo)
  await times(60, () => rush.send('GET', 'me')) // so that every client is connected before the start
  const sides = [hold, book, block]
  const won: Record<string, number> = { hold: 0, booking: 0, block: 0 }
  for (let round = 0; round < 9; round++) {
    const home = await newHome(admin)
    // Those who come first have the advantage: each side in turn.
    const sideOf = (i: number) => sides[(Math.floor(i / 20) + round) % 3] ?? hold
    const answers = await times(60, (i) => sideOf(i)(home, '2031-05-10'))
    assert.deepEqual(tally(answers), { 201: 1, '409 BOOKING_CONFLICT': 59 })
    assertRaced(answers, 50)
    const [winner = '', ...others] = (await ledger(home)) as string[]
    assert.deepEqual(others, [])
    won[winner] = (won[winner] ?? 0) + 1
    await letGo()
  }
  t.diagnostic(`9 rounds: ${JSON.stringify(won)}`)
  assert.ok(
    Object.values(won).every((rounds) => rounds > 0),
    `each side has won: ${JSON.stringify(won)}`,
  )
})

test('of 50 who book one hold at once one gets a booking, and 49 are told which', async (t) => {
  t.after(letGo)
  const home = await newHome(admin)
  const { body } = await hold(home, '2031-05-10')
  const guest = { first_name: 'R', last_name: 'G', email: 'race@example.com' }
  const answers = await times(50, () => convert(body.id, { guest }))
  assert.deepEqual(tally(answers), { 201: 1, '409 HOLD_EXPIRED': 49 })
  assertRaced(answers, 45)
  const booking_id = answers.find(({ status }) => status === 201)?.body.id
  for (const { status, body: answer } of answers) {
    if (status === 409) {
      assert.deepEqual((answer.error as { meta: object }).meta, { status: 'converted', booking_id })
    }
  }
  const bookings = await rowsOf('select id from bookings where property_id = $1', [home])
  assert.deepEqual(bookings, [{ id: booking_id }])
  assert.deepEqual(await ledger(home), ['booking'])
})

test('while a hold becomes a booking nobody gets in between', async (t) => {
  t.after(letGo)
  for (let round = 0; round < 10; round++) {
    const home = await newHome(admin)
    const { body } = await hold(home, '2031-05-10')
    const [converted, ...others] = await Promise.all([
      convert(body.id),
      ...Array.from({ length: 20 }, () => book(home, '2031-05-10')),
    ])
    assert.equal(converted?.status, 201, JSON.stringify(converted?.body))
    assert.deepEqual(tally(others), { '409 BOOKING_CONFLICT': 20 })
    assert.deepEqual(await ledger(home), ['booking'])
  }
})

test('a hold that is booked and released at once is one of the two, never both', async (t) => {
  t.after(letGo)
  const won: Record<string, number> = {}
  for (let round = 0; round < 20; round++) {
    const home = await newHome(admin)
    const { body } = await hold(home, '2031-05-10')
    const converted = convert(body.id)
    // Releasing takes fewer steps: it starts later by as many requests as the round says.
    for (let lead = round % 5; lead > 0; lead--) await rush.send('GET', 'me')
    const answers = await Promise.all([converted, rush.send('DELETE', `holds/${body.id}`)])
    const kinds = Object.keys(tally(answers)).sort()
    assert.ok(kinds.length === 2 && kinds[1] === '409 HOLD_EXPIRED', JSON.stringify(kinds))
    const is_booked = kinds[0] === '201'
    assert.deepEqual(await ledger(home), is_booked ? ['booking'] : [])
    const bookings = await rowsOf('select 1 from bookings where property_id = $1', [home])
    assert.equal(bookings.length, is_booked ? 1 : 0)
    won[kinds[0] ?? ''] = (won[kinds[0] ?? ''] ?? 0) + 1
  }
  t.diagnostic(`20 rounds: ${JSON.stringify(won)}`)
  assert.ok(won['201'] && won['204'], `each side has won: ${JSON.stringify(won)}`)
})

test('of 20 who release one hold at once one does', async (t) => {
  t.after(letGo)
  const { body } = await hold(await newHome(admin), '2031-05-10')
  const answers = await times(20, () => rush.send('DELETE', `holds/${body.id}`))
  assert.deepEqual(tally(answers), { 204: 1, '409 HOLD_EXPIRED': 19 })
})

test('one person who asks for 40 holds of different homes at once gets as many as one may', async (t) => {
  t.after(letGo)
  const homes = await times(8, () => newHome(admin))
  const answers = await times(40, (i) => hold(homes[i % 8] ?? '', dayAfter('2031-01-01', i * 3)))
  assert.deepEqual(tally(answers), { 201: 5, '409 HOLD_LIMIT_REACHED': 35 })
  assertRaced(answers, 35)
})

test('the expiry job and bookings that need the expired nights do not stop each other', async (t) => {
  t.after(letGo)
  const before = await rowsOf('select deadlocks::int as n from pg_stat_database where datname = current_database()')
  for (let round = 0; round < 5; round++) {
    const homes = await times(5, () => newHome(admin))
    await times(5, (i) => hold(homes[i] ?? '', '2031-05-10'))
    const expired = "expires_at = now() - interval '1 second'"
    await rowsOf(`update holds set ${expired} where booking_id is null and released_at is null`)
    await rowsOf(`update occupancies set ${expired} where hold_id is not null`)
    const [, ...answers] = await Promise.all([
      times(5, () => expireHolds(store.db)),
      ...homes.flatMap((home) => [book(home, '2031-05-10'), book(home, '2031-05-10')]),
    ])
    assert.deepEqual(tally(answers), { 201: 5, '409 BOOKING_CONFLICT': 5 })
    for (const home of homes) assert.deepEqual(await ledger(home), ['booking'])
  }
  const now = await rowsOf('select deadlocks::int as n from pg_stat_database where datname = current_database()')
  assert.deepEqual(now, before)
})
