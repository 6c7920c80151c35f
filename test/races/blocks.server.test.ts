// Races of bookings, blocks and holds: no shared night, and no stay closer than the buffer.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { countByKind } from '../../src/commands/verify/overlap/statistics.ts'
import { createRedis } from '../../src/core/redis.ts'
import { assemble } from '../../src/service.ts'
import { players } from '../cast.ts'
import { silent } from '../engines.ts'
import { cast } from '../harness.ts'
import { dayAfter, newProperty, stay } from '../steps.ts'
import { startClients } from './clients.ts'

const fixture = await cast({ pool_size: 10 })
const { admin, store } = fixture
const { token } = await fixture.tokens.issue({ user_id: players.admin.user_id })
// As deployed: memberships are cached for a second.
const { app } = await assemble(fixture.config, store, createRedis(undefined, silent), silent)
const clients = await startClients(app, token)
after(async () => {
  clients.close()
  await app.close()
})

const book = (property_id: string, check_in: string, nights = 3) =>
  clients.send('POST', 'bookings', stay(property_id, check_in, nights))
const block = (property_id: string, start_date: string, nights = 3) =>
  clients.send('POST', 'availability/blocks', {
    property_id,
    start_date,
    end_date: dayAfter(start_date, nights),
    reason: 'maintenance',
  })

async function rowsOf(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** Occupancy rows that share a night, and bookings and blocks that differ from their occupancy rows. */
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

test('of 50 bookings and 50 blocks for the same nights one wins, the others get 409', async () => {
  for (let round = 0; round < 3; round += 1) {
    const property_id = await newProperty(admin)
    const answers = await clients.together(100, (i) => (i % 2 === 0 ? book : block)(property_id, '2030-01-10'))
    assert.deepEqual(countByKind(answers), { '201': 1, '409 BOOKING_CONFLICT': 99 })
  }
  assert.deepEqual(await overlaps(), none)
})

test('overlapping bookings and blocks: every answer is 201 or 409, and no night is taken twice', async () => {
  const property_id = await newProperty(admin)
  const answers = await clients.together(100, (i) =>
    (i % 2 === 0 ? book : block)(property_id, dayAfter('2030-03-01', i % 25), 1 + (i % 6)),
  )
  const { '201': won = 0, '409 BOOKING_CONFLICT': lost = 0 } = countByKind(answers)
  assert.ok(won > 1)
  assert.equal(won + lost, 100)
  assert.deepEqual(await overlaps(), none)
})

test('50 adjacent stays: none is closer to another than the buffer', async () => {
  const property_id = await newProperty(admin, { buffer_days_before: 1, buffer_days_after: 2 })
  const answers = await clients.together(50, (i) => book(property_id, dayAfter('2030-05-01', i * 2), 2))
  const { '201': won = 0, '409 BOOKING_RULE_BROKEN': near = 0 } = countByKind(answers)
  assert.ok(won > 1)
  assert.equal(won + near, 50)
  const [found] = await rowsOf(
    `select count(*)::int as too_near from bookings a join bookings b on a.property_id = b.property_id and a.id <> b.id
     and b.check_in >= a.check_out and b.check_in < a.check_out + 2 where a.property_id = $1`,
    [property_id],
  )
  assert.deepEqual(found, { too_near: 0 })
  assert.deepEqual(await overlaps(), none)
})

test('a property deleted during bookings and blocks keeps no occupancy', async () => {
  const seen = new Set<string>()
  for (let round = 0; round < 15; round += 1) {
    const property_id = await newProperty(admin)
    const remove = () => clients.send('DELETE', `properties/${property_id}`)
    const racers = [book, block, block, book].map((make, i) => () => make(property_id, dayAfter('2030-08-01', i * 10)))
    const all = [...racers, remove, () => block(property_id, '2031-01-01'), remove]
    const answers = await clients.together(all.length, (i) => (all[i] ?? remove)())
    for (const { status, code } of answers) seen.add(`${status} ${code}`.trim())
    const [row] = await rowsOf('select deleted_at is not null as is_deleted from properties where id = $1', [
      property_id,
    ])
    const [left] = await rowsOf('select count(*)::int as n from occupancies where property_id = $1', [property_id])
    if (row?.is_deleted) assert.equal(left?.n, 0)
  }
  const expected = ['201', '204', '404 PROPERTY_NOT_FOUND', '409 PROPERTY_HAS_BOOKINGS']
  assert.deepEqual(
    [...seen].filter((kind) => !expected.includes(kind)),
    [],
  )
})

test('concurrent changes of the same two blocks all succeed', async () => {
  const [one, two] = [await newProperty(admin), await newProperty(admin)]
  const made = await Promise.all([one, two].map((property_id) => block(property_id, '2030-10-01')))
  const answers = await clients.together(40, (i) =>
    clients.send('PATCH', `availability/blocks/${made[i % 2]?.body.id}`, {
      start_date: dayAfter('2030-10-01', i),
      end_date: dayAfter('2030-10-04', i),
    }),
  )
  assert.deepEqual(countByKind(answers), { '200': 40 })
})
