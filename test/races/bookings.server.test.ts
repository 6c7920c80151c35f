// Races for the same nights over HTTP, on a real server with a pool of ten connections.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { countByKind, createRandom, percentile } from '../../src/commands/verify/overlap/statistics.ts'
import { createRedis } from '../../src/core/redis.ts'
import { assemble } from '../../src/service.ts'
import { castProperties, north, players } from '../cast.ts'
import { silent } from '../engines.ts'
import { cast } from '../harness.ts'
import { dayAfter, newProperty, stay } from '../steps.ts'
import { type Answer, contest, duration, startClients, times } from './clients.ts'
import { consistencyChecks, none } from './consistency.ts'

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

const book = (property_id: string, check_in: string, nights = 3, more: object = {}) =>
  clients.send('POST', 'bookings', stay(property_id, check_in, nights, more))
const { overlaps, deadlocks } = consistencyChecks(store)

async function rowsOf(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

test('of 200 clients who want the same nights one gets 201 and 199 get 409', async (t) => {
  const property_id = await newProperty(admin)
  const answers = await clients.together(200, () => book(property_id, '2031-05-10'))
  const ms = duration(answers)
  t.diagnostic(`200 clients, same nights: ${JSON.stringify(countByKind(answers))} in ${ms.toFixed(0)} ms`)
  assert.deepEqual(countByKind(answers), { 201: 1, '409 BOOKING_CONFLICT': 199 })
  assert.deepEqual(await rowsOf('select count(*)::int as n from bookings where property_id = $1', [property_id]), [
    { n: 1 },
  ])
  assert.deepEqual(await overlaps(), none)
})

test('while 200 clients race for one property, bookings of other properties are not delayed', async (t) => {
  const hot = await newProperty(admin)
  const others = await times(4, () => newProperty(admin))
  const alone: Answer[] = []
  for (let i = 0; i < 40; i++) alone.push(await book(others[i % 4] ?? '', dayAfter('2030-01-01', i), 1))
  let is_racing = true
  const beside: Answer[] = []
  const bystanders = others.map(async (property_id) => {
    for (let day = '2031-01-01'; is_racing; day = dayAfter(day, 1)) beside.push(await book(property_id, day, 1))
  })
  const racers: Answer[] = []
  await times(200, async () => {
    for (let round = 0; round < 8; round++) racers.push(await book(hot, dayAfter('2031-01-01', round * 3)))
  })
  is_racing = false
  await Promise.all(bystanders)
  const quantile = (answers: readonly Answer[], share: number) =>
    Math.round(
      percentile(
        answers.map(({ began, ended }) => ended - began),
        share,
      ),
    )
  const figures = (answers: readonly Answer[]) =>
    `p50 ${quantile(answers, 0.5)} ms, p99 ${quantile(answers, 0.99)} ms of ${answers.length}`
  t.diagnostic(
    `other properties alone: ${figures(alone)}; beside the race: ${figures(beside)}; racers: ${figures(racers)}`,
  )
  assert.deepEqual(countByKind(racers), { 201: 8, '409 BOOKING_CONFLICT': 1592 })
  assert.deepEqual(Object.keys(countByKind(beside)), ['201'])
  // Bookings that had to wait for all of the 1,600 responses to the racers would number 32.
  assert.ok(beside.length > 50, `${beside.length} bookings beside the race`)
})

test('of 50 stays that move onto the same nights at once exactly one gets them', async () => {
  const property_id = await newProperty(admin)
  const made = await times(50, (i) => book(property_id, dayAfter('2032-01-01', i * 4)))
  const move = { check_in: '2031-06-01', check_out: '2031-06-04' }
  const answers = await clients.together(50, (i) => clients.send('PATCH', `bookings/${made[i]?.body.id}`, move))
  assert.deepEqual(countByKind(answers), { 200: 1, '409 BOOKING_CONFLICT': 49 })
  assert.deepEqual(await overlaps(), none)
})

test('a deletion frees the nights for exactly one of the waiting bookings', async () => {
  const property_id = await newProperty(admin)
  const { body } = await book(property_id, '2031-05-10')
  const [gone, ...answers] = await Promise.all([
    clients.send('DELETE', `bookings/${body.id}`),
    ...Array.from({ length: 30 }, () => book(property_id, '2031-05-10')),
  ])
  assert.equal(gone?.status, 204)
  const { 201: won = 0, '409 BOOKING_CONFLICT': lost = 0 } = countByKind(answers)
  assert.equal(won + lost, 30, JSON.stringify(countByKind(answers)))
  assert.ok(won <= 1, `${won} won`)
  if (won === 0) assert.equal((await book(property_id, '2031-05-10')).status, 201)
  assert.deepEqual(await overlaps(), none)
})

test('of two deletions of one booking one answers 204 and one 404', async () => {
  const property_id = await newProperty(admin)
  const { body } = await book(property_id, '2031-05-10')
  const answers = await clients.together(10, () => clients.send('DELETE', `bookings/${body.id}`))
  assert.deepEqual(countByKind(answers), { 204: 1, '404 BOOKING_NOT_FOUND': 9 })
  const rows = await rowsOf(
    "select count(*)::int as n from audit_log where entity_id = $1 and action = 'booking.deleted'",
    [body.id],
  )
  assert.deepEqual(rows, [{ n: 1 }])
})

test('a property that is deleted while it is booked never has a live booking', async (t) => {
  let deleted = 0
  let booked = 0
  for (let round = 0; round < 30; round++) {
    const property_id = await newProperty(admin)
    // An id in upper case is the same property and must use the same lock.
    const remove = () =>
      clients.send('DELETE', `properties/${round % 2 === 0 ? property_id : property_id.toUpperCase()}`)
    const reserve = (i: number) => book(property_id, dayAfter('2031-05-10', i * 3))
    // The order varies by round: bookings first, half of them, the deletion first.
    const before = [4, 2, 0][round % 3] ?? 0
    const headStart = () => (before === 0 ? clients.send('GET', 'me') : undefined)
    const reserveAfterHeadStart = async (i: number) => {
      await headStart()
      return reserve(i + before)
    }
    const [gone, answers] = await contest(
      round,
      remove,
      () => times(4, reserve),
      async () => {
        const firsts = times(before, reserve)
        const removed = remove()
        const seconds = times(4 - before, reserveAfterHeadStart)
        return [await removed, [...(await firsts), ...(await seconds)]]
      },
    )
    for (const { status } of answers) assert.ok(status === 201 || status === 404, JSON.stringify(countByKind(answers)))
    assert.ok(gone.status === 204 || gone.code === 'PROPERTY_HAS_BOOKINGS', `${gone.status} ${gone.code}`)
    if (gone.status === 204) {
      deleted += 1
      assert.deepEqual(countByKind(answers), { '404 PROPERTY_NOT_FOUND': 4 })
    } else {
      booked += 1
      assert.ok(answers.some(({ status }) => status === 201))
    }
  }
  t.diagnostic(`30 rounds: ${deleted} properties deleted, ${booked} booked first`)
  assert.ok(deleted > 0 && booked > 0, 'each side has won')
  const orphans = await rowsOf(
    `select b.id from bookings b join properties p on p.agency_id = b.agency_id and p.id = b.property_id
     where p.deleted_at is not null and b.deleted_at is null and b.status <> 'inquiry'`,
  )
  assert.deepEqual(orphans, [])
})

test('a deadlock is counted', async (t) => {
  const before = await deadlocks()
  const pool = new pg.Pool({ connectionString: store.url, max: 2 })
  pool.on('error', () => {})
  t.after(() => pool.end())
  const [one, two] = await times(2, () => pool.connect())
  const lock = (client: typeof one, key: number) => client?.query('select pg_advisory_xact_lock($1)', [key])
  for (const client of [one, two]) await client?.query('begin')
  await lock(one, 1)
  await lock(two, 2)
  const outcomes = await Promise.allSettled([lock(one, 2), lock(two, 1)])
  assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 1)
  for (const client of [one, two]) client?.release(true)
  assert.equal((await deadlocks()) - before, 1)
})

test('20 clients who book, move and delete at random cause no overlap and no deadlock', async (t) => {
  const before = await deadlocks()
  const properties = await times(3, () => newProperty(admin))
  const answers: Answer[] = []
  await times(20, async (client) => {
    const random = createRandom(1000 + client)
    const upTo = (n: number) => Math.floor(random() * n)
    const dates = () => ({ day: dayAfter('2031-01-01', upTo(60)), nights: 1 + upTo(14) })
    const mine: string[] = []
    for (let step = 0; step < 40; step++) {
      const { day, nights } = dates()
      const id = mine[upTo(mine.length)]
      const choice = upTo(4)
      if (id === undefined || choice < 2) {
        const guest = { first_name: 'R', last_name: 'G', email: `guest-${upTo(5)}@example.com` }
        const answer = await book(properties[upTo(3)] ?? '', day, nights, { guest })
        answers.push(answer)
        if (answer.status === 201) mine.push(answer.body.id as string)
      } else if (choice === 2) {
        answers.push(await clients.send('PATCH', `bookings/${id}`, { check_in: day, check_out: dayAfter(day, nights) }))
      } else {
        answers.push(await clients.send('DELETE', `bookings/${id}`))
        mine.splice(mine.indexOf(id), 1)
      }
    }
  })
  const broken = (await deadlocks()) - before
  t.diagnostic(`${answers.length} requests of 20 clients: ${JSON.stringify(countByKind(answers))}; ${broken} deadlocks`)
  const expected = ['200', '201', '204', '409 BOOKING_CONFLICT']
  assert.deepEqual(Object.keys(countByKind(answers)).sort(), expected)
  assert.equal(broken, 0)
  assert.deepEqual(await overlaps(), none)
})

test('50 direct inserts of the same nights as the API role: the constraint accepts one', async (t) => {
  const pool = new pg.Pool({ connectionString: store.url, max: 25 })
  pool.on('error', () => {})
  t.after(() => pool.end())
  const connected = await times(25, () => pool.connect()) // so that all start at the same time
  for (const client of connected) client.release()
  const claims = JSON.stringify({ sub: players.admin.user_id, agency_id: north, app_role: 'admin' })
  const context = "select set_config('role', 'roost_tenant', true), set_config('request.jwt.claims', $1, true)"
  const outcomes = await times(50, async () => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query(context, [claims])
      await client.query(
        `insert into occupancies (agency_id, id, property_id, kind, during)
         values ($1, gen_random_uuid(), $2, 'channel', daterange('2033-01-01', '2033-01-04'))`,
        [north, castProperties.town.id],
      )
      await client.query('commit')
      return 'kept'
    } catch (error) {
      await client.query('rollback')
      return (error as { code?: string }).code ?? String(error)
    } finally {
      client.release()
    }
  })
  const kinds = Object.entries(Object.groupBy(outcomes, (outcome) => outcome))
  t.diagnostic(`50 raw inserts: ${kinds.map(([kind, of]) => `${of?.length} x ${kind}`).join(', ')}`)
  assert.equal(outcomes.filter((outcome) => outcome === 'kept').length, 1)
  // Without the API's lock the losers can also deadlock (40P01); nothing else is expected.
  assert.deepEqual(
    outcomes.filter((outcome) => !['kept', '23P01', '40P01'].includes(outcome)),
    [],
  )
  const rows = await rowsOf('select during::text from occupancies where property_id = $1', [castProperties.town.id])
  assert.deepEqual(rows, [{ during: '[2033-01-01,2033-01-04)' }])
})
