// Delivers sealed events to subscribers, each independently of the others.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import type { Database } from '../postgres/database.ts'
import {
  type Claim,
  claimDeadLetters,
  claimEvents,
  listAgenciesBehind,
  max_events,
  type Position,
  recordFailure,
  registerSubscriber,
  retryDelay,
  settleDeadLetter,
  settleEvents,
} from './delivery.ts'
import { type EventRecord, isFor, type Subscriber } from './subscriber.ts'

export interface RelayOptions {
  readonly db: Database
  readonly log: Logger
  readonly subscribers: readonly Subscriber[]
  /** Deliveries of one subscriber at once. */
  readonly lanes: number
  /** A delivery that takes longer has failed (10 s). */
  readonly handler_ms?: number
  /** How often a subscriber looks for what no call of `offer` named: sealed elsewhere, to be retried, dead letters (15 s). */
  readonly sweep_ms?: number
}

export interface Relay {
  start(): void
  /** Call it with the agencies that have new sealed events. */
  offer(agency_ids: readonly string[]): void
  /** Waits for deliveries in progress, for at most eight seconds. */
  stop(): Promise<void>
}

const default_sweep_ms = 15_000
const outage_pause_ms = 1000
const stop_ms = 8000
const default_handler_ms = 10_000
/** Agencies that one lane claims at once. */
const max_agencies = 100

export function createRelay(options: RelayOptions): Relay {
  const stopping = new AbortController()
  const runners = options.subscribers.map((subscriber) => createRunner(options, subscriber, stopping.signal))
  let running: Promise<unknown> = Promise.resolve()
  return {
    start() {
      running = Promise.all(runners.map(({ run }) => run()))
    },
    offer(agency_ids) {
      for (const { offer } of runners) offer(agency_ids)
    },
    async stop() {
      stopping.abort()
      await Promise.race([running, delay(stop_ms, undefined, { ref: false })])
    },
  }
}

/** The queue of agencies of one subscriber, and the lanes that take from it. */
function createRunner(options: RelayOptions, subscriber: Subscriber, signal: AbortSignal) {
  const { db, log, lanes, sweep_ms = default_sweep_ms } = options
  const queue = createQueue(signal)
  const delivery = createDelivery(options, subscriber)
  let is_failing = false

  /** Agencies whose events are being collected. */
  const collecting = new Set<string>()

  function later(agency_ids: readonly string[], ms: number): void {
    if (ms === 0) queue.add(agency_ids)
    else setTimeout(() => queue.add(agency_ids), ms).unref()
  }

  /** Queues each agency once in `collect_ms`, however often it is offered meanwhile. */
  function collect(agency_ids: readonly string[]): void {
    const { collect_ms = 0 } = subscriber
    const fresh = agency_ids.filter((id) => !collecting.has(id))
    if (fresh.length === 0) return
    for (const id of fresh) collecting.add(id)
    const end = () => {
      for (const id of fresh) collecting.delete(id)
      queue.add(fresh)
    }
    if (collect_ms === 0) end()
    else setTimeout(end, collect_ms).unref()
  }

  /** Repeats the work until it succeeds. Logs the first of consecutive failures. */
  async function persist(work: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await work()
        is_failing = false
        return
      } catch (error) {
        const fields = { subscriber: subscriber.name, error: (error as Error).message }
        if (!is_failing) log.error(fields, 'delivery of events interrupted, retrying')
        is_failing = true
        await pause(outage_pause_ms, signal)
      }
    }
  }

  async function lane(): Promise<void> {
    while (!signal.aborted) {
      const agency_ids = await queue.take(max_agencies)
      await persist(async () => {
        if (agency_ids.length === 0) return
        const { full, settled, failed } = await delivery.deliver(agency_ids, signal)
        queue.add(full)
        // More may have been sealed, and left out of a claim because of this lease.
        collect(settled)
        for (const { agency_id, retry_s } of failed) later([agency_id], retry_s * 1000)
      })
    }
  }

  async function sweep(): Promise<void> {
    while (!signal.aborted) {
      await persist(async () => {
        queue.add(await listAgenciesBehind(db, subscriber.name))
        await delivery.retryDeadLetters()
      })
      await pause(sweep_ms, signal)
    }
  }

  return {
    offer: collect,
    async run() {
      await persist(() => registerSubscriber(db, subscriber.name))
      await Promise.all([sweep(), ...Array.from({ length: lanes }, lane)])
    },
  }
}

function createDelivery(options: RelayOptions, subscriber: Subscriber) {
  const { db } = options
  const { name } = subscriber
  const handle = withTimeout(db, subscriber, options.handler_ms ?? default_handler_ms)

  /** Delivers all events at once; after a failure, and when the first has failed before, one by one. */
  async function deliverClaim(claim: Claim, lease: string): Promise<Position | Failed> {
    const { agency_id, failures, events } = claim
    if (failures === 0 && (await errorOf(handle(agency_id, events))) === undefined) {
      return { agency_id, seq: events.at(-1)?.seq ?? 0 }
    }
    for (const event of events) {
      const error = await errorOf(handle(agency_id, [event]))
      if (error !== undefined) return saveFailure(claim, lease, event, error)
    }
    return { agency_id, seq: events.at(-1)?.seq ?? 0 }
  }

  async function saveFailure(claim: Claim, lease: string, event: EventRecord, error: Error): Promise<Failed> {
    const { agency_id, events } = claim
    const failures = event === events[0] ? claim.failures + 1 : 1
    const failure = { name, lease, agency_id, seq: event.seq, failures, error: codeOf(error) }
    const is_dead = await recordFailure(db, failure)
    const fields = { subscriber: name, agency_id, seq: event.seq, failures, error: error.message }
    options.log.error(fields, is_dead ? 'an event became a dead letter' : 'a subscriber failed')
    return { agency_id, retry_s: is_dead ? 0 : retryDelay(failures) }
  }

  return {
    async deliver(agency_ids: readonly string[], signal: AbortSignal) {
      const lease = randomUUID()
      const positions: Position[] = []
      const failed: Failed[] = []
      const full: string[] = []
      for (const claim of await claimEvents(db, name, lease, agency_ids)) {
        // The rest is claimed again by another process when the lease ends.
        if (signal.aborted) break
        const result = await deliverClaim(claim, lease)
        if ('seq' in result) {
          positions.push(result)
          if (claim.events.length === max_events) full.push(claim.agency_id)
        } else failed.push(result)
      }
      await settleEvents(db, name, lease, positions)
      return { full, settled: positions.map(({ agency_id }) => agency_id), failed }
    },
    async retryDeadLetters() {
      for (const due of await claimDeadLetters(db, name)) {
        const error = await errorOf(handle(due.agency_id, [due.event]))
        await settleDeadLetter(db, name, due, error && codeOf(error))
      }
    },
  }
}

/** Calls the subscriber with the events that it wants. Rejects after `ms`. */
function withTimeout(db: Database, subscriber: Subscriber, ms: number) {
  return async (agency_id: string, events: readonly EventRecord[]): Promise<void> => {
    const wanted = events.filter((event) => isFor(subscriber, event))
    if (wanted.length === 0) return
    const timer = new AbortController()
    const timeout = delay(ms, undefined, { signal: timer.signal }).then(() => {
      throw Object.assign(new Error('the subscriber did not finish in time'), { code: 'TIMEOUT' })
    })
    await Promise.race([subscriber.handle(db, agency_id, wanted), timeout]).finally(() => timer.abort())
  }
}

interface Failed {
  readonly agency_id: string
  readonly retry_s: number
}

/** Agencies in the order in which they were added, each once. */
function createQueue(signal: AbortSignal) {
  const waiting = new Set<string>()
  const takers: (() => void)[] = []
  const wake = () => {
    for (const taker of takers.splice(0)) taker()
  }
  signal.addEventListener('abort', wake, { once: true })
  return {
    add(agency_ids: readonly string[]): void {
      for (const id of agency_ids) waiting.add(id)
      if (waiting.size > 0) wake()
    },
    /** Waits until there is one. Empty after the signal. */
    async take(most: number): Promise<string[]> {
      while (waiting.size === 0 && !signal.aborted) await new Promise<void>((resolve) => takers.push(resolve))
      const taken = [...waiting].slice(0, most)
      for (const id of taken) waiting.delete(id)
      return taken
    },
  }
}

/** The error of the work; undefined when it succeeds. */
const errorOf = (work: Promise<void>): Promise<Error | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  )

/** A short code: messages may hold personal data. */
function codeOf(error: Error): string {
  const { code, name } = error as { code?: unknown; name: string }
  return String(code ?? name).slice(0, 100)
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {})
}
