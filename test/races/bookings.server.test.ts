// Proves that no race books a night twice: many clients at once over HTTP, on a real server, with a pool of ten connections.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { percentile, randomOf, tally } from '../../src/commands/verify/overlap/counting.ts'
import { createRedis } from '../../src/core/redis.ts'
import { assemble } from '../../src/service.ts'
import { castProperties, north, players } from '../cast.ts'
import { silent } from '../engines.ts'
import { cast } from '../harness.ts'
import { dayAfter, newHome, stay } from '../steps.ts'
import { until } from '../until.ts'
import { type Answer, duration, sentBeforeFirstAnswer, startRush } from './rush.ts'

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

const book = (property_id: string, check_in: string, nights = 3, more: object = {}) =>
  rush.insist('POST', 'bookings', stay(property_id, check_in, nights, more))
const times = <T>(n: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => make(i)))

async function rowsOf(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** Pairs of live bookings, and of rows of the ledger, that share a night; and bookings the ledger disagrees with. */
async function overlaps(): Promise<object> {
  const [found] = await rowsOf(`
    with live as (
      select * from bookings where deleted_at is null and status in ('pending', 'confirmed', 'checked_in', 'checked_out')
    )
    select
      (select count(*)::int from live a join live b on a.property_id = b.property_id and a.id < b.id
        and a.check_in < b.check_out and b.check_in < a.check_out) as bookings,
      (select count(*)::int from occupancies a join occupancies b on a.property_id = b.property_id and a.id < b.id
        and a.during && b.during) as nights,
      (select count(*)::int from live a full join occupancies o on o.booking_id = a.id
        where a.id is null or o.id is null or o.during <> daterange(a.check_in, a.check_out)) as disagreements`)
  return found ?? {}
}
const none = { bookings: 0, nights: 0, disagreements: 0 }

/** How often the server has broken a deadlock in this database. Ends the API's sessions, for only then all have told. */
async function deadlocks(): Promise<number> {
  const mine = "from pg_stat_activity where datname = current_database() and usename = 'roost_test_api'"
  await rowsOf(`select pg_terminate_backend(pid) ${mine}`)
  await until(async () => (await rowsOf(`select 1 ${mine}`)).length === 0)
  const [found] = await rowsOf('select deadlocks::int as n from pg_stat_database where datname = current_database()')
  return found?.n as number
}

test('of 200 clients who want the same nights exactly one gets them, and 199 are told so', async (t) => {
  const home = await newHome(admin)
  await times(200, () => rush.send('GET', 'me')) // so that every client is connected before the start
  rush.peak()
  const answers = await times(200, () => book(home, '2031-05-10'))
  const ms = duration(answers)
  const sent = sentBeforeFirstAnswer(answers)
  const peak = rush.peak()
  t.diagnostic(`200 clients, same nights: ${JSON.stringify(tally(answers))} in ${ms.toFixed(0)} ms`)
  t.diagnostic(`${sent} of 200 requests were sent before the first answer, ${peak} were in the server at once`)
  assert.deepEqual(tally(answers), { 201: 1, '409 BOOKING_CONFLICT': 199 })
  assert.ok(sent >= 190, `${sent} requests really raced`)
  assert.ok(peak >= 100, `${peak} requests were in the server at once`)
  assert.deepEqual(await rowsOf('select count(*)::int as n from bookings where property_id = $1', [home]), [{ n: 1 }])
  assert.deepEqual(await overlaps(), none)
})

test('while 200 clients race for one home, others are booked without waiting behind all of them', async (t) => {
  const hot = await newHome(admin)
  const others = await times(4, () => newHome(admin))
  const alone: Answer[] = []
  for (let i = 0; i < 40; i++) alone.push(await book(others[i % 4] ?? '', dayAfter('2030-01-01', i), 1))
  let is_racing = true
  const beside: Answer[] = []
  const bystanders = others.map(async (home) => {
    for (let day = '2031-01-01'; is_racing; day = dayAfter(day, 1)) beside.push(await book(home, day, 1))
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
  t.diagnostic(`other homes alone: ${figures(alone)}; beside the race: ${figures(beside)}; racers: ${figures(racers)}`)
  assert.deepEqual(tally(racers), { 201: 8, '409 BOOKING_CONFLICT': 1592 })
  assert.deepEqual(Object.keys(tally(beside)), ['201'])
  // Four who wait behind 200 racers, who are answered 1600 times, would have 32.
  assert.ok(beside.length > 50, `${beside.length} bookings beside the race`)
})

test('of 50 stays that move onto the same nights at once exactly one gets them', async () => {
  const home = await newHome(admin)
  const made = await times(50, (i) => book(home, dayAfter('2032-01-01', i * 4)))
  const move = { check_in: '2031-06-01', check_out: '2031-06-04' }
  const answers = await times(50, (i) => rush.send('PATCH', `bookings/${made[i]?.body.id}`, move))
  assert.deepEqual(tally(answers), { 200: 1, '409 BOOKING_CONFLICT': 49 })
  assert.deepEqual(await overlaps(), none)
})

test('a deletion frees the nights for exactly one of those who wait for them', async () => {
  const home = await newHome(admin)
  const { body } = await book(home, '2031-05-10')
  const [gone, ...answers] = await Promise.all([
    rush.send('DELETE', `bookings/${body.id}`),
    ...Array.from({ length: 30 }, () => book(home, '2031-05-10')),
  ])
  assert.equal(gone?.status, 204)
  const { 201: won = 0, '409 BOOKING_CONFLICT': lost = 0 } = tally(answers)
  assert.equal(won + lost, 30, JSON.stringify(tally(answers)))
  assert.ok(won <= 1, `${won} won`)
  if (won === 0) assert.equal((await book(home, '2031-05-10')).status, 201)
  assert.deepEqual(await overlaps(), none)
})

test('of two deletions of one booking one deletes and one finds nothing', async () => {
  const home = await newHome(admin)
  const { body } = await book(home, '2031-05-10')
  const answers = await times(10, () => rush.send('DELETE', `bookings/${body.id}`))
  assert.deepEqual(tally(answers), { 204: 1, '404 BOOKING_NOT_FOUND': 9 })
  const rows = await rowsOf(
    "select count(*)::int as n from audit_log where entity_id = $1 and action = 'booking.deleted'",
    [body.id],
  )
  assert.deepEqual(rows, [{ n: 1 }])
})

test('a home that is deleted while it is booked never has a live booking', async (t) => {
  let deleted = 0
  let booked = 0
  for (let round = 0; round < 30; round++) {
    const home = await newHome(admin)
    // An id in capitals is the same property: it must wait for the same lock.
    const remove = () => rush.send('DELETE', `properties/${round % 2 === 0 ? home : home.toUpperCase()}`)
    const reserve = (i: number) => book(home, dayAfter('2031-05-10', i * 3))
    // In turn: the bookings a little ahead, half of them, the deletion ahead by one answered request.
    const before = [4, 2, 0][round % 3] ?? 0
    const headStart = () => (before === 0 ? rush.send('GET', 'me') : undefined)
    const [firsts, gone, seconds] = await Promise.all([
      times(before, reserve),
      remove(),
      times(4 - before, async (i) => {
        await headStart()
        return reserve(i + before)
      }),
    ])
    const answers = [...firsts, ...seconds]
    for (const { status } of answers) assert.ok(status === 201 || status === 404, JSON.stringify(tally(answers)))
    assert.ok(gone.status === 204 || gone.code === 'PROPERTY_HAS_BOOKINGS', `${gone.status} ${gone.code}`)
    if (gone.status === 204) {
      deleted += 1
      assert.deepEqual(tally(answers), { '404 PROPERTY_NOT_FOUND': 4 })
    } else {
      booked += 1
      assert.ok(answers.some(({ status }) => status === 201))
    }
  }
  t.diagnostic(`30 rounds: ${deleted} homes deleted, ${booked} booked first`)
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

test('20 clients who book, move and delete at random never overlap, and no deadlock is broken', async (t) => {
  const before = await deadlocks()
  const homes = await times(3, () => newHome(admin))
  const answers: Answer[] = []
  await times(20, async (client) => {
    const random = randomOf(1000 + client)
    const upTo = (n: number) => Math.floor(random() * n)
    const dates = () => ({ day: dayAfter('2031-01-01', upTo(60)), nights: 1 + upTo(14) })
    const mine: string[] = []
    for (let step = 0; step < 40; step++) {
      const { day, nights } = dates()
      const id = mine[upTo(mine.length)]
      const choice = upTo(4)
      if (id === undefined || choice < 2) {
        const guest = { first_name: 'R', last_name: 'G', email: `guest-${upTo(5)}@example.com` }
        const answer = await book(homes[upTo(3)] ?? '', day, nights, { guest })
        answers.push(answer)
        if (answer.status === 201) mine.push(answer.body.id as string)
      } else if (choice === 2) {
        answers.push(await rush.send('PATCH', `bookings/${id}`, { check_in: day, check_out: dayAfter(day, nights) }))
      } else {
        answers.push(await rush.send('DELETE', `bookings/${id}`))
        mine.splice(mine.indexOf(id), 1)
      }
    }
  })
  const broken = (await deadlocks()) - before
  t.diagnostic(`${answers.length} requests of 20 clients: ${JSON.stringify(tally(answers))}; ${broken} deadlocks`)
  const expected = ['200', '201', '204', '409 BOOKING_CONFLICT']
  assert.deepEqual(Object.keys(tally(answers)).sort(), expected)
  assert.equal(broken, 0)
  assert.deepEqual(await overlaps(), none)
})

test('past the API the constraint still leaves one: 50 inserts of the same nights as its own role, 25 at once', async (t) => {
  const pool = new pg.Pool({ connectionString: store.url, max: 25 })
  pool.on('error', () => {})
  t.after(() => pool.end())
  const connected = await times(25, () => pool.connect()) // so that nobody is slower than the others to begin
  for (const client of connected) client.release()
  const claims = JSON.stringify({ sub: players.admin.user_id, agency_id: north, app_role: 'admin' })
  const context = "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)"
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
  // Without the lock of the API the losers may also meet as a deadlock (40P01); nothing else is expected.
  assert.deepEqual(
    outcomes.filter((outcome) => !['kept', '23P01', '40P01'].includes(outcome)),
    [],
  )
  const rows = await rowsOf('select during::text from occupancies where property_id = $1', [castProperties.town.id])
  assert.deepEqual(rows, [{ during: '[2033-01-01,2033-01-04)' }])
})
