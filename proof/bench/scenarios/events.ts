// The event log with 10,000 agencies: entries sealed per second, time from COMMIT to a subscriber, cost of an idle worker.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { percentile } from '../../../src/commands/verify/overlap/statistics.ts'
import { parseConfig } from '../../../src/config.ts'
import { operatorOf } from '../../../src/core/auth/actors.ts'
import { createRelay } from '../../../src/core/events/relay.ts'
import { startSealing } from '../../../src/core/events/sealer.ts'
import type { Subscriber } from '../../../src/core/events/subscriber.ts'
import { createLog } from '../../../src/core/log.ts'
import { createBooking } from '../../../src/features/bookings/create.ts'
import { openStore, type Store } from '../../../src/store.ts'
import { withConnection } from '../../scorecard/environment/connect.ts'
import { cpuSeconds } from '../cpu.ts'
import { agencyId, createDatabase, fill, propertyId } from '../data.ts'
import type { Figure } from '../figures.ts'
import type { Scenario } from '../scenarios.ts'
import { productionEnv } from '../systems/roost.ts'

const agencies = { full: 10_000, quick: 500 }
const seconds = { full: 30, quick: 3 }
const tick_ms = 50
const transactions_per_tick = 10
/** 2,000 a second. */
const entries_per_transaction = 10
const bookings_per_tick = 10
const catch_up_ms = 60_000

export const events: Scenario = {
  id: 'events',
  title: '2,000 audit entries and 200 bookings a second of 10,000 agencies, from COMMIT to a subscriber',
  seconds: { full: 150 },
  run: async ({ is_quick, fixture: { cluster } }) => {
    const size = is_quick ? 'quick' : 'full'
    const urls = await createDatabase(cluster, 'roost_events')
    const volume = { agencies: agencies[size], properties: 2, bookings: 1 }
    await withConnection(urls.owner, async (client) => {
      await fill(client, volume)
      await client.query('vacuum analyze')
    })
    const store = await openStore(parseConfig({ ...productionEnv(urls), WORKER: 'off' }), createLog('silent'))
    const writers = new pg.Pool({ connectionString: urls.owner, max: 4 })
    const probe = createProbe()
    const worker = startWorker(store, probe.subscriber)
    try {
      const idle = await measureIdle(seconds[size], cluster.pid())
      const insert = () => insertEntries(writers, volume.agencies)
      const sealing = await measure(probe, seconds[size], transactions_per_tick, entries_per_transaction, insert)
      const book = () => bookStay(store, volume.agencies)
      const booking = await measure(probe, seconds[size], bookings_per_tick, 1, book)
      return [
        ...idle,
        {
          name: 'entries per second, written and delivered',
          value: sealing.per_second,
          unit: '/s',
          target: { at_least: 1800 },
        },
        { name: 'p99 from COMMIT to the subscriber, 2,000 entries a second', value: sealing.p99_ms, unit: 'ms' },
        { name: 'bookings per second, written and delivered', value: booking.per_second, unit: '/s' },
        {
          name: 'p99 from COMMIT to the subscriber, 200 bookings a second',
          value: booking.p99_ms,
          unit: 'ms',
          target: { at_most: 1000 },
        },
      ]
    } finally {
      await worker.stop()
      await writers.end()
      await store.close()
    }
  },
}

/** Remembers when each record was committed, and measures when its event arrives. */
function createProbe() {
  const committed = new Map<string, number>()
  let delays: number[] = []
  const subscriber: Subscriber = {
    name: 'probe',
    types: ['test.', 'booking.'],
    async handle(_db, _agency_id, found) {
      const now = performance.now()
      // Arrived before the answer to COMMIT was read: no time at all.
      for (const { entity_id } of found) delays.push(now - (committed.get(entity_id ?? '') ?? now))
    },
  }
  return {
    subscriber,
    commit: (id: string) => void committed.set(id, performance.now()),
    count: () => delays.length,
    reset() {
      delays = []
      committed.clear()
    },
    p99: () => percentile(delays, 0.99),
  }
}

function startWorker({ db }: Store, subscriber: Subscriber) {
  const log = createLog('silent')
  const relay = createRelay({ db, log, subscribers: [subscriber], lanes: 2 })
  const sealing = startSealing({ db, log, isWorking: () => true, onSealed: relay.offer })
  relay.start()
  return {
    stop: async () => {
      await Promise.all([sealing.stop(), relay.stop()])
    },
  }
}

async function measureIdle(duration_s: number, postmaster: number): Promise<Figure[]> {
  // Registering the subscriber and the first complete sealing are over.
  await delay(duration_s * 500)
  const [cpu, server] = [process.cpuUsage(), cpuSeconds(postmaster)]
  await delay(duration_s * 1000)
  const { user, system } = process.cpuUsage(cpu)
  return [
    { name: 'CPU of an idle worker', value: (user + system) / 10_000 / duration_s, unit: '%' },
    { name: 'CPU of PostgreSQL for it', value: (100 * (cpuSeconds(postmaster) - server)) / duration_s, unit: '%' },
  ]
}

/** Writes at a fixed rate and waits until all of it has been delivered. */
async function measure(
  probe: ReturnType<typeof createProbe>,
  duration_s: number,
  per_tick: number,
  events_each: number,
  write: () => Promise<string>,
): Promise<{ per_second: number; p99_ms: number }> {
  probe.reset()
  const pending = new Set<Promise<void>>()
  const began = performance.now()
  let written = 0
  for (let tick = 0; tick < (duration_s * 1000) / tick_ms; tick += 1) {
    for (let n = 0; n < per_tick; n += 1) {
      const one = write().then((id) => {
        written += events_each
        probe.commit(id)
      })
      pending.add(one)
      const forget = () => pending.delete(one)
      one.then(forget, forget)
    }
    await delay(Math.max(0, began + (tick + 1) * tick_ms - performance.now()))
  }
  await Promise.all(pending)
  const deadline = performance.now() + catch_up_ms
  while (probe.count() < written && performance.now() < deadline) await delay(20)
  if (probe.count() < written) throw new Error(`${written - probe.count()} of ${written} events did not arrive`)
  return { per_second: (written * 1000) / (performance.now() - began), p99_ms: probe.p99() }
}

/** Ten entries of ten agencies in one transaction. Returns the id of the record that all of them name. */
async function insertEntries(writers: pg.Pool, count: number): Promise<string> {
  const id = randomUUID()
  const ids = Array.from({ length: entries_per_transaction }, () => agencyId(1 + Math.floor(Math.random() * count)))
  await writers.query(
    `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id)
     select a, gen_random_uuid(), 'operator', 'test.made', 'test', $2 from unnest($1::uuid[]) a`,
    [ids, id],
  )
  return id
}

const nights = new Map<string, number>()

/** Books the next free night of a random property. */
async function bookStay({ db }: Store, count: number): Promise<string> {
  const agency = 1 + Math.floor(Math.random() * count)
  const property_id = propertyId(agency, 1 + Math.floor(Math.random() * 2))
  const night = (nights.get(property_id) ?? 0) + 1
  nights.set(property_id, night)
  const day = (n: number) => new Date(Date.UTC(2040, 0, n)).toISOString().slice(0, 10)
  const stay = { property_id, check_in: day(night), check_out: day(night + 1), num_adults: 2 }
  const { id } = await db.tenantTx(operatorOf(agencyId(agency)), (tx) => createBooking(tx, stay))
  return id
}
