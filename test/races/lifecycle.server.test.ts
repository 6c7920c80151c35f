// Races of status changes, over HTTP and in direct transactions, on a real server.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { countByKind, createRandom } from '../../src/commands/verify/overlap/statistics.ts'
import type { AppError } from '../../src/core/app-error.ts'
import { createRedis } from '../../src/core/redis.ts'
import { cancelBooking, transitionStatus } from '../../src/features/bookings/status.ts'
import { assemble } from '../../src/service.ts'
import { north, players } from '../cast.ts'
import { silent } from '../engines.ts'
import { cast } from '../harness.ts'
import { dayAfter, newProperty, stay } from '../steps.ts'
import { type Answer, contest, duration, startClients, times } from './clients.ts'
import { consistencyChecks, none } from './consistency.ts'

const fixture = await cast({ pool_size: 10 })
const { admin, store } = fixture
const { token } = await fixture.tokens.issue({ user_id: players.admin.user_id })
const { app } = await assemble(fixture.config, store, createRedis(undefined, silent), silent)
const clients = await startClients(app, token)
const { overlaps, deadlocks } = consistencyChecks(store)
after(async () => {
  clients.close()
  await app.close()
})

const actor = { agency_id: north, role: 'admin', id: players.admin.user_id, kind: 'person' } as const

async function book(property_id: string, check_in: string, more: object = {}, nights = 3): Promise<string> {
  const answer = await clients.send('POST', 'bookings', stay(property_id, check_in, nights, more))
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body.id as string
}

const move = (id: string, status: string) => clients.send('PATCH', `bookings/${id}/status`, { status })

async function rowsOf(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await store.owner.query(text, values)).rows
}

/** The number of audit entries of a booking since its creation, and its version. */
async function tracesOf(id: string): Promise<object> {
  const [row] = await rowsOf(
    `select (select count(*)::int - 1 from audit_log where entity_id = $1) as entries,
       (select version from bookings where id = $1) as version`,
    id,
  )
  return row ?? {}
}
const once = { entries: 1, version: 2 }

function report(what: string, answers: readonly Answer[]): string {
  return `${what}: ${JSON.stringify(countByKind(answers))} in ${duration(answers).toFixed(0)} ms`
}

test('of 50 concurrent confirmations one confirms; there is one audit entry', async (t) => {
  const id = await book(await newProperty(admin), '2031-05-10', { status: 'pending' })
  const answers = await clients.together(50, () => move(id, 'confirmed'))
  t.diagnostic(report('50 confirmations', answers))
  assert.deepEqual(countByKind(answers), { 200: 50 })
  assert.deepEqual([...new Set(answers.map(({ body }) => `${body.status} ${body.version}`))], ['confirmed 2'])
  assert.deepEqual(await tracesOf(id), once)
})

test('of 50 concurrent cancellations one cancels and 49 get 409', async (t) => {
  const id = await book(await newProperty(admin), '2031-05-10', { payment_status: 'paid' })
  const answers = await clients.together(50, (i) =>
    clients.send('POST', `bookings/${id}/cancellation`, { cancelled_by: 'guest', refund_cents: i }),
  )
  t.diagnostic(report('50 cancellations', answers))
  assert.deepEqual(countByKind(answers), { 200: 1, '409 INVALID_STATUS_TRANSITION': 49 })
  assert.deepEqual(await tracesOf(id), once)
  const [row] = await rowsOf('select refund_cents::int from bookings where id = $1', id)
  assert.equal(row?.refund_cents, answers.find(({ status }) => status === 200)?.body.refund_cents)
  assert.deepEqual(await overlaps(), none)
})

test("without the API's queue the row lock decides: of ten transactions one makes the change", async () => {
  const property_id = await newProperty(admin)
  const pending = await book(property_id, '2031-05-10', { status: 'pending' })
  const live = await book(property_id, '2031-06-10')
  const outcomes = (work: () => Promise<{ version: number }>) =>
    times(10, async () => {
      try {
        return `version ${(await work()).version}`
      } catch (error) {
        return (error as AppError).code
      }
    })
  const inTx = (work: Parameters<typeof store.db.tenantTx<{ version: number }>>[1]) => {
    const eight_run = Promise.withResolvers<void>()
    let running = 0
    return () =>
      store.db.tenantTx(actor, async (tx) => {
        running += 1
        if (running === 8) eight_run.resolve()
        await eight_run.promise
        return work(tx)
      })
  }
  const confirmed = await outcomes(inTx((tx) => transitionStatus(tx, pending, 'confirmed')))
  const cancelled = await outcomes(inTx((tx) => cancelBooking(tx, live, { cancelled_by: 'guest' })))
  assert.deepEqual(new Set(confirmed), new Set(['version 2']))
  assert.equal(cancelled.filter((outcome) => outcome === 'version 2').length, 1)
  assert.equal(cancelled.filter((outcome) => outcome === 'INVALID_STATUS_TRANSITION').length, 9)
  assert.deepEqual([await tracesOf(pending), await tracesOf(live)], [once, once])
})

test('of 50 stays that move to the same nights of one property exactly one gets them', async (t) => {
  const [from, to] = [await newProperty(admin), await newProperty(admin)]
  const ids = await times(50, (i) => book(from, dayAfter('2032-01-01', i * 4)))
  const there = { property_id: to, check_in: '2031-06-01', check_out: '2031-06-04' }
  const answers = await clients.together(50, (i) => clients.send('PATCH', `bookings/${ids[i]}`, there))
  t.diagnostic(report('50 moves to another property', answers))
  assert.deepEqual(countByKind(answers), { 200: 1, '409 BOOKING_CONFLICT': 49 })
  assert.deepEqual(await overlaps(), none)
  assert.deepEqual(await rowsOf('select count(*)::int as n from occupancies where property_id = $1', from), [{ n: 49 }])
})

test('of 200 inquiries about the same nights exactly one is confirmed', async (t) => {
  const property_id = await newProperty(admin)
  const ids = await times(200, () => book(property_id, '2031-05-10', { status: 'inquiry' }))
  const answers = await clients.together(200, (i) => move(ids[i] ?? '', 'confirmed'))
  t.diagnostic(report('200 confirmations of inquiries', answers))
  assert.deepEqual(countByKind(answers), { 200: 1, '409 BOOKING_CONFLICT': 199 })
  assert.deepEqual(await overlaps(), none)
  const counts = await rowsOf(
    "select count(*)::int as n from audit_log a join bookings b on b.id = a.entity_id where b.property_id = $1 and a.action = 'booking.confirmed'",
    property_id,
  )
  assert.deepEqual(counts, [{ n: 1 }])
})

test('two stays that swap properties 1,000 times never deadlock', async (t) => {
  const before = await deadlocks()
  const properties = [await newProperty(admin), await newProperty(admin)]
  const guest = { first_name: 'Back', last_name: 'Andforth', email: 'back@example.com' }
  const ids = [
    await book(properties[0] ?? '', '2031-05-10', { guest }),
    await book(properties[1] ?? '', '2031-06-10', { guest }),
  ]
  const answers: Answer[] = []
  for (let round = 1; round <= 1000; round++) {
    const both = await clients.together(2, (i) =>
      clients.send('PATCH', `bookings/${ids[i]}`, { property_id: properties[(round + i) % 2], guest }),
    )
    answers.push(...both)
  }
  const broken = (await deadlocks()) - before
  t.diagnostic(`${report('1,000 exchanges', answers)}, ${broken} deadlocks`)
  assert.deepEqual(countByKind(answers), { 200: 2000 })
  assert.equal(broken, 0)
  assert.deepEqual(await overlaps(), none)
  assert.deepEqual(await rowsOf('select distinct version from bookings where id = any ($1)', ids), [{ version: 1001 }])
})

test('of reinstating a cancelled booking and booking its nights exactly one succeeds', async (t) => {
  const property_id = await newProperty(admin)
  let back = 0
  let lost = 0
  for (let round = 0; round < 30; round++) {
    const day = dayAfter('2031-01-01', round * 4)
    const id = await book(property_id, day)
    await move(id, 'cancelled')
    const create = () => clients.send('POST', 'bookings', stay(property_id, day))
    const reinstate = () => move(id, 'confirmed')
    const early = round % 3
    const sides = await contest(
      round,
      reinstate,
      () => times(2, create),
      async () => {
        const before = times(early, create)
        const reinstated = reinstate()
        const after = times(2 - early, create)
        return [await reinstated, [...(await before), ...(await after)]]
      },
    )
    const kinds = countByKind(sides.flat())
    const { 200: restored = 0, 201: created = 0, '409 BOOKING_CONFLICT': refused = 0 } = kinds
    assert.deepEqual([restored + created, refused], [1, 2], JSON.stringify(kinds))
    back += restored
    lost += created
  }
  t.diagnostic(`30 rounds: ${back} taken back, ${lost} booked by another`)
  assert.ok(back > 0 && lost > 0, 'each side has won')
  assert.deepEqual(await overlaps(), none)
})

interface Made {
  readonly id: string
  readonly day: string
}

/** What a client can do next with a booking; `upTo` is the client's random generator. */
function steps(properties: readonly string[], upTo: (n: number) => number): ((made: Made) => Promise<Answer>)[] {
  const anyProperty = () => properties[upTo(properties.length)] ?? ''
  const statuses = ['pending', 'confirmed', 'cancelled', 'checked_in', 'declined', 'no_show']
  const toStatus = ({ id }: Made) => move(id, statuses[upTo(statuses.length)] ?? '')
  const rehouse = ({ id }: Made) => {
    const day = dayAfter('2021-01-01', upTo(60))
    const dates = { check_in: day, check_out: dayAfter(day, 2 + upTo(6)) }
    const guest = { first_name: 'R', last_name: `${upTo(9)}`, email: `guest-${upTo(4)}@example.com` }
    const patch = { property_id: anyProperty(), guest, ...(upTo(2) === 0 && dates) }
    return clients.send('PATCH', `bookings/${id}`, patch)
  }
  const split = ({ id, day }: Made) => {
    const body = { property_id: anyProperty(), check_in: dayAfter(day, 1) }
    return clients.send('POST', `bookings/${id}/split`, body)
  }
  const remove = ({ id }: Made) => clients.send('DELETE', `bookings/${id}`)
  return [toStatus, toStatus, rehouse, rehouse, split, split, upTo(10) === 0 ? remove : toStatus]
}

test('20 clients with random status changes, moves and splits cause no overlap', async (t) => {
  const before = await deadlocks()
  const properties = await times(3, () => newProperty(admin))
  const answers: Answer[] = []
  const known: Made[] = []
  await times(20, async (client) => {
    const random = createRandom(2000 + client)
    const upTo = (n: number) => Math.floor(random() * n)
    for (let turn = 0; turn < 40; turn++) {
      const made = known[upTo(known.length)]
      if (made !== undefined && upTo(5) > 0) {
        const choices = steps(properties, upTo)
        answers.push((await choices[upTo(choices.length)]?.(made)) as Answer)
        continue
      }
      const day = dayAfter('2021-01-01', upTo(60))
      const guest = { first_name: 'R', last_name: 'G', email: `guest-${upTo(4)}@example.com` }
      const more = { status: ['inquiry', 'pending', 'confirmed'][upTo(3)], guest }
      const answer = await clients.send('POST', 'bookings', stay(properties[upTo(3)] ?? '', day, 2 + upTo(6), more))
      if (answer.status === 201) known.push({ id: answer.body.id as string, day })
      answers.push(answer)
    }
  })
  const broken = (await deadlocks()) - before
  t.diagnostic(`${answers.length} requests of 20 clients: ${JSON.stringify(countByKind(answers))}; ${broken} deadlocks`)
  assert.deepEqual(
    answers.filter(({ status }) => status >= 500),
    [],
  )
  assert.equal(broken, 0)
  assert.deepEqual(await overlaps(), none)
  const [split] = await rowsOf('select count(*)::int as n from bookings where split_from_id is not null')
  assert.ok((split?.n as number) > 0, 'some were split')
})
