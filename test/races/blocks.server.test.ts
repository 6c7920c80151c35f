// Proves that bookings, blocks and holds never share a night and never come nearer than the buffer, whoever races whom.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { tally } from '../../src/commands/verify/overlap/counting.ts'
import { createRedis } from '../../src/core/redis.ts'
import { assemble } from '../../src/service.ts'
import { players } from '../cast.ts'
import { silent } from '../engines.ts'
import { cast } from '../harness.ts'
import { dayAfter, newHome, stay } from '../steps.ts'
import { type Answer, sentBeforeFirstAnswer, startRush } from './rush.ts'

const stage = await cast({ pool_size: 10 })
const { admin, store } = stage
const { token } = await stage.tokens.issue({ user_id: players.admin.user_id })
// A process as it is deployed: it remembers for a second who somebody is.
const { app } = await assemble(stage.config, store, createRedis(undefined, silent), silent)
const rush = await startRush(app, token)
after(async () => {
  rush.close()
  await app.close()
})

const times = <T>(n: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => make(i)))
const book = (property_id: string, check_in: string, nights = 3) =>
  rush.send('POST', 'bookings', stay(property_id, check_in, nights))
const block = (property_id: string, start_date: string, nights = 3) =>
  rush.send('POST', 'availability/blocks', {
    property_id,
    start_date,
    end_date: dayAfter(start_date, nights),
    reason: 'maintenance',
  })

async function rowsOf(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** Rows of the ledger that share a night, and bookings and blocks that the ledger disagrees with. */
async function overlaps(): Promise<object> {
  const [found] = await rowsOf(`
    with live as (
      select id, daterange(check_in, check_out) as during from bookings
      where deleted_at is null and status in ('pending', 'confirmed', 'checked_in', 'checked_out')
      union all select id, daterange(start_date, end_date) from blocks)
    select
      (select count(*)::int from occupancies a join occupancies b on a.property_id = b.property_id and a.id < b.id
        and a.during && b.during) as nights,
      (select count(*)::int from live l full join occupancies o on coalesce(o.booking_id, o.block_id) = l.id
        where l.id is null or o.id is null or o.during <> l.during) as disagreements`)
  return found ?? {}
}
const none = { nights: 0, disagreements: 0 }

const raced = (answers: readonly Answer[], least: number) => assert.ok(sentBeforeFirstAnswer(answers) >= least)

test('50 bookings against 50 blocks for the same nights: one wins, everybody else is told so', async () => {
  for (let round = 0; round < 3; round += 1) {
    const home = await newHome(admin)
    const answers = await times(100, (i) => (i % 2 === 0 ? book : block)(home, '2030-01-10'))
    raced(answers, 50)
    assert.deepEqual(tally(answers), { '201': 1, '409 BOOKING_CONFLICT': 99 })
  }
  assert.deepEqual(await overlaps(), none)
})

test('bookings and blocks that overlap in parts: nothing but winners and conflicts, and no night twice', async () => {
  const home = await newHome(admin)
  const answers = await times(100, (i) =>
    (i % 2 === 0 ? book : block)(home, dayAfter('2030-03-01', i % 25), 1 + (i % 6)),
  )
  raced(answers, 50)
  const { '201': won = 0, '409 BOOKING_CONFLICT': lost = 0 } = tally(answers)
  assert.ok(won > 1)
  assert.equal(won + lost, 100)
  assert.deepEqual(await overlaps(), none)
})

test('50 stays beside each other: none comes nearer to another than the buffer allows', async () => {
  const home = await newHome(admin, { buffer_days_before: 1, buffer_days_after: 2 })
  const answers = await times(50, (i) => book(home, dayAfter('2030-05-01', i * 2), 2))
  raced(answers, 25)
  const { '201': won = 0, '409 PROPERTY_UNAVAILABLE': near = 0 } = tally(answers)
  assert.ok(won > 1)
  assert.equal(won + near, 50)
  const [found] = await rowsOf(
    `select count(*)::int as too_near from bookings a join bookings b on a.property_id = b.property_id and a.id <> b.id
     and b.check_in >= a.check_out and b.check_in < a.check_out + 2 where a.property_id = $1`,
    [home],
  )
  assert.deepEqual(found, { too_near: 0 })
  assert.deepEqual(await overlaps(), none)
})

test('a property that is deleted while people book and block it: nothing is left on it', async () => {
  const seen = new Set<string>()
  for (let round = 0; round < 15; round += 1) {
    const home = await newHome(admin)
    const remove = () => rush.send('DELETE', `properties/${home}`)
    const racers = [book, block, block, book].map((make, i) => make(home, dayAfter('2030-08-01', i * 10)))
    const answers = await Promise.all([...racers, remove(), block(home, '2031-01-01'), remove()])
    raced(answers, 4)
    for (const { status, code } of answers) seen.add(`${status} ${code}`.trim())
    const [row] = await rowsOf('select deleted_at is not null as is_deleted from properties where id = $1', [home])
    const [left] = await rowsOf('select count(*)::int as n from occupancies where property_id = $1', [home])
    if (row?.is_deleted) assert.equal(left?.n, 0)
  }
  const expected = ['201', '204', '404 PROPERTY_NOT_FOUND', '409 PROPERTY_HAS_BOOKINGS']
  assert.deepEqual(
    [...seen].filter((kind) => !expected.includes(kind)),
    [],
  )
})

test('many changes of the same two blocks at once: each is carried out', async () => {
  const [one, two] = [await newHome(admin), await newHome(admin)]
  const made = await Promise.all([one, two].map((home) => block(home, '2030-10-01')))
  const answers = await times(40, (i) =>
    rush.send('PATCH', `availability/blocks/${made[i % 2]?.body.id}`, {
      start_date: dayAfter('2030-10-01', i),
      end_date: dayAfter('2030-10-04', i),
    }),
  )
  raced(answers, 20)
  assert.deepEqual(tally(answers), { '200': 40 })
})
