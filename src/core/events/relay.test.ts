// Delivery of events: in order, at least once, each subscriber and each agency independently of the others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties, north, south } from '../../../test/cast.ts'
import { openTestStore, type TestStore } from '../../../test/engines.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import { until } from '../../../test/until.ts'
import { claimEvents, listDeadLetters, readSubscriberStates, retryDeadLetters } from './delivery.ts'
import { createRelay, type Relay, type RelayOptions } from './relay.ts'
import { sealAudit } from './sealer.ts'
import type { EventRecord, Subscriber } from './subscriber.ts'

interface Setup {
  readonly store: TestStore
  /** Adds and seals an entry for each version. */
  seal(agency_id: string, ...versions: number[]): Promise<void>
  start(subscribers: readonly Subscriber[], more?: Partial<RelayOptions>): Relay
  /** Ends the wait until the next attempt. */
  skipWait(relay: Relay): Promise<void>
}

async function withRelays(work: (setup: Setup) => Promise<void>): Promise<void> {
  const store = await openTestStore()
  const { db, owner } = store
  const relays: Relay[] = []
  const insert = (agency_id: string, version: number, action = 'test.made') =>
    owner.query(
      `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id, version, property_id)
       values ($1, gen_random_uuid(), 'operator', $2, 'test', $3, $4, $3)`,
      [agency_id, action, castProperties.lake.id, version],
    )
  try {
    await work({
      store,
      async seal(agency_id, ...versions) {
        for (const version of versions) await insert(agency_id, version)
        await insert(agency_id, 0, 'other.made')
        await sealAudit(db)
      },
      start(subscribers, more = {}) {
        const relay = createRelay({ db, log: recordingLog().log, subscribers, lanes: 2, sweep_ms: 20, ...more })
        relays.push(relay)
        relay.start()
        return relay
      },
      async skipWait(relay) {
        await owner.query('update event_cursors set retry_at = now() where retry_at is not null')
        relay.offer([north, south])
      },
    })
  } finally {
    for (const relay of relays) await relay.stop()
    await store.close()
  }
}

/** Records what it gets, by agency. `check` may throw. */
function recorder(name: string, check: (event: EventRecord, agency_id: string) => unknown = () => {}) {
  const got: Record<string, number[]> = { [north]: [], [south]: [] }
  const subscriber: Subscriber = {
    name,
    types: ['test.'],
    async handle(_db, agency_id, events) {
      for (const event of events) {
        await check(event, agency_id)
        got[agency_id]?.push(event.version ?? Number.NaN)
      }
    },
  }
  const numberOf = (agency_id: string) => got[agency_id]?.length ?? 0
  return { subscriber, got, numberOf }
}

const registered = async ({ db }: TestStore, ...names: string[]) => {
  const known = (await readSubscriberStates(db)).map(({ name }) => name)
  return names.every((name) => known.includes(name))
}
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n + 1)
const fail = () => {
  throw Object.assign(new Error('no'), { code: 'NO_LUCK' })
}

test('a new subscriber gets what is sealed from now on, in order and only its types', () =>
  withRelays(async ({ store, seal, start }) => {
    await seal(north, 100)
    const { subscriber, got, numberOf } = recorder('one')
    const relay = start([subscriber])
    await until(() => registered(store, 'one'))
    await seal(north, ...numbers(450))
    await seal(south, 1)
    relay.offer([north, south])
    await until(() => numberOf(north) >= 450 && numberOf(south) >= 1)
    assert.deepEqual(got, { [north]: numbers(450), [south]: [1] })
    await until(async () => (await readSubscriberStates(store.db))[0]?.behind === 0)
  }))

test('an agency that is created later is delivered from its first event', () =>
  withRelays(async ({ store, seal, start }) => {
    const { subscriber, got } = recorder('one')
    start([subscriber])
    await until(() => registered(store, 'one'))
    const id = '00000001-eeee-7000-8000-000000000001'
    await store.owner.query("insert into agencies (id, name, slug) values ($1, 'East', 'east')", [id])
    got[id] = []
    await seal(id, 1, 2)
    await until(() => got[id]?.length === 2)
  }))

test('without any call of offer, a sweep finds what was sealed', () =>
  withRelays(async ({ store, seal, start }) => {
    const { subscriber, numberOf } = recorder('one')
    start([subscriber])
    await until(() => registered(store, 'one'))
    await seal(north, 1, 2)
    await until(() => numberOf(north) === 2)
  }))

test('after a crash between delivery and saving the position events come again, none is lost', () =>
  withRelays(async ({ store, seal, start }) => {
    const { subscriber, got, numberOf } = recorder('one')
    const first = start([subscriber])
    await until(() => registered(store, 'one'))
    await first.stop()
    await seal(north, 1, 2, 3)
    const lease = '00000000-0000-7000-8000-000000000001'
    const [claim] = await claimEvents(store.db, 'one', lease, [north])
    await subscriber.handle(store.db, north, claim?.events.slice(0, 2) ?? [])
    // Killed here. Until its lease ends nobody else delivers.
    assert.deepEqual(await claimEvents(store.db, 'one', lease, [north]), [])
    await seal(north, 4)
    await store.owner.query("update event_cursors set leased_until = now() - interval '1 second'")
    start([subscriber])
    await until(() => numberOf(north) >= 6)
    assert.deepEqual(got[north], [1, 2, 1, 2, 3, 4])
  }))

test('two processes deliver every event once, in order', () =>
  withRelays(async ({ store, seal, start }) => {
    const { subscriber, got, numberOf } = recorder('one')
    const relays = [start([subscriber]), start([subscriber])]
    await until(() => registered(store, 'one'))
    for (const n of numbers(40)) {
      await seal(north, n)
      for (const relay of relays) relay.offer([north])
    }
    await until(() => numberOf(north) >= 40)
    assert.deepEqual(got[north], numbers(40))
  }))

test('a failing subscriber holds up neither other agencies nor other subscribers', () =>
  withRelays(async ({ store, seal, start, skipWait }) => {
    let is_broken = true
    const broken = recorder('broken', (event, agency_id) => {
      if (is_broken && agency_id === north && event.version === 2) fail()
    })
    const healthy = recorder('healthy')
    const relay = start([broken.subscriber, healthy.subscriber])
    await until(() => registered(store, 'broken', 'healthy'))
    await seal(north, 1, 2, 3)
    await seal(south, 1)
    relay.offer([north, south])
    await until(() => healthy.numberOf(north) === 3 && broken.numberOf(south) === 1)
    await until(async () => (await readSubscriberStates(store.db))[0]?.failing === 1)
    is_broken = false
    await until(async () => {
      await skipWait(relay)
      return broken.got[north]?.at(-1) === 3
    })
    assert.deepEqual([...new Set(broken.got[north])], [1, 2, 3])
  }))

test('after eight failures an event is a dead letter, which a retry delivers after the next ones', () =>
  withRelays(async ({ store, seal, start, skipWait }) => {
    const { db } = store
    let attempts = 0
    let is_broken = true
    const { subscriber, got } = recorder('one', ({ version }) => {
      if (version !== 2 || !is_broken) return
      attempts += 1
      fail()
    })
    const relay = start([subscriber])
    await until(() => registered(store, 'one'))
    await seal(north, 1, 2, 3)
    await until(async () => {
      await skipWait(relay)
      return got[north]?.at(-1) === 3
    })
    // The first delivery was of all three at once, and repeated one by one.
    assert.equal(attempts, 9)
    const [letter, ...others] = await listDeadLetters(db, north)
    assert.deepEqual([letter?.failures, letter?.last_error, letter?.retry_at, others], [8, 'NO_LUCK', null, []])
    assert.deepEqual(await listDeadLetters(db, south), [])
    assert.equal((await readSubscriberStates(db))[0]?.dead_letters, 1)

    assert.equal(await retryDeadLetters(db, north, 'another'), 0)
    assert.equal(await retryDeadLetters(db, north, null), 1)
    await until(async () => (await listDeadLetters(db, north))[0]?.failures === 9)
    is_broken = false
    assert.equal(await retryDeadLetters(db, north, 'one'), 1)
    await until(async () => (await listDeadLetters(db, north)).length === 0)
    assert.equal(got[north]?.at(-1), 2)
  }))

test('a delivery that does not end has failed, and other agencies are delivered', () =>
  withRelays(async ({ store, seal, start }) => {
    const { subscriber, numberOf } = recorder('one', (_, agency_id) => {
      return agency_id === north ? new Promise(() => {}) : undefined
    })
    const relay = start([subscriber], { handler_ms: 50 })
    await until(() => registered(store, 'one'))
    await seal(north, 1)
    await seal(south, 1)
    relay.offer([north, south])
    await until(() => numberOf(south) === 1)
    const { rows } = await store.owner.query('select last_error from event_cursors where agency_id = $1', [north])
    await until(
      async () => rows[0]?.last_error === 'TIMEOUT' || (await readSubscriberStates(store.db))[0]?.failing === 1,
    )
  }))

test('a subscriber that collects waits for more events, but not while there is a backlog', () =>
  withRelays(async ({ store, seal, start }) => {
    const collect_ms = 700
    const deliveries: { at: number; count: number }[] = []
    const relay = start(
      [
        {
          name: 'collector',
          types: ['test.'],
          collect_ms,
          async handle(_db, _agency_id, events) {
            deliveries.push({ at: performance.now(), count: events.length })
            if (deliveries.length === 1) {
              await seal(north, 2)
              relay.offer([north])
            }
          },
        },
      ],
      { sweep_ms: 600_000 },
    )
    await until(() => registered(store, 'collector'))
    await seal(north, 1)
    relay.offer([north])
    await until(() => deliveries.length === 2)
    const [first, second] = deliveries
    assert.ok((second?.at ?? 0) - (first?.at ?? 0) > collect_ms / 2, 'not at once')
    await seal(north, ...numbers(450))
    relay.offer([north])
    await until(() => deliveries.reduce((sum, { count }) => sum + count, 0) === 452)
  }))
