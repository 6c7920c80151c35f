// The positions of subscribers in the event log, their leases, and dead letters: the statements of the relay.
import sql from 'sql-template-tag'
import { jobOf } from '../auth/actors.ts'
import type { Database } from '../postgres/database.ts'
import type { EventRecord } from './subscriber.ts'

/** The events of one agency that a lease covers. */
export interface Claim {
  readonly agency_id: string
  /** Failed attempts of the first event so far. */
  readonly failures: number
  readonly events: readonly EventRecord[]
}

/** Events of an agency in one delivery. */
export const max_events = 200
const max_failures = 8

/** Seconds until the next attempt: 1, 2, 4, up to a minute. */
export const retryDelay = (failures: number): number => Math.min(2 ** (failures - 1), 60)

export async function registerSubscriber(db: Database, name: string): Promise<void> {
  await db.systemTx((tx) => tx.query(sql`select app.register_subscriber(${name})`))
}

/** The agencies with events for which no attempt is postponed. Reads one row of every agency. */
export async function listAgenciesBehind(db: Database, name: string): Promise<string[]> {
  const rows = await db.systemRead((tx) =>
    tx.query<{ agency: string }>(sql`select agency from app.agencies_behind(${name})`),
  )
  return rows.map(({ agency }) => agency)
}

type ClaimedRow = EventRecord & { readonly agency: string; readonly failures: number }

export async function claimEvents(
  db: Database,
  name: string,
  lease: string,
  agency_ids: readonly string[],
): Promise<Claim[]> {
  const rows = await db.systemTx((tx) =>
    tx.query<ClaimedRow>(sql`
      select agency, failures, seq, type, entity_type, entity_id, version, property_id, former_property_id
      from app.claim_events(${name}, ${lease}, ${agency_ids}::uuid[], ${max_events})`),
  )
  return [...Map.groupBy(rows, ({ agency }) => agency)].map(([agency_id, found]) => {
    const events = found.map(({ agency: _, failures: __, ...event }) => event)
    return { agency_id, failures: found[0]?.failures ?? 0, events }
  })
}

export interface Position {
  readonly agency_id: string
  readonly seq: number
}

/** Saves how far deliveries came and ends their leases. Does nothing for a lease that has ended. */
export async function settleEvents(
  db: Database,
  name: string,
  lease: string,
  positions: readonly Position[],
): Promise<void> {
  if (positions.length === 0) return
  const agency_ids = positions.map(({ agency_id }) => agency_id)
  const seqs = positions.map(({ seq }) => seq)
  await db.systemTx((tx) =>
    tx.query(sql`select app.settle_events(${name}, ${lease}, ${agency_ids}::uuid[], ${seqs}::bigint[])`),
  )
}

export interface Failure {
  readonly name: string
  readonly lease: string
  readonly agency_id: string
  /** Of the event that failed; those before it were handled. */
  readonly seq: number
  readonly failures: number
  /** A code: messages may hold personal data. */
  readonly error: string
}

/**
 * Records a failed attempt and ends the lease. After `max_failures` the event becomes a dead letter, and the next one is its
 * successor. Returns whether it did.
 */
export async function recordFailure(db: Database, failure: Failure): Promise<boolean> {
  const { name, lease, agency_id, seq, failures, error } = failure
  const is_dead = failures >= max_failures
  await db.tenantTx(jobOf(agency_id), async (tx) => {
    const saved = await tx.maybe(sql`
      update event_cursors c set seq = ${is_dead ? seq : seq - 1}, failures = ${is_dead ? 0 : failures},
        retry_at = case when ${is_dead} then null else now() + make_interval(secs => ${retryDelay(failures)}) end,
        last_error = ${is_dead ? null : error}, lease = null, leased_until = null
      where c.agency_id = ${tx.agency_id} and c.subscriber = ${name} and c.lease = ${lease} returning c.seq`)
    if (!is_dead || saved === undefined) return
    await tx.query(sql`
      insert into event_dead_letters (agency_id, subscriber, seq, failures, last_error)
      values (${tx.agency_id}, ${name}, ${seq}, ${failures}, ${error})
      on conflict (agency_id, subscriber, seq) do nothing`)
  })
  return is_dead
}

export interface DeadLetter {
  readonly subscriber: string
  readonly seq: number
  readonly failures: number
  readonly last_error: string
  readonly failed_at: string
  readonly retry_at: string | null
}

export function listDeadLetters(db: Database, agency_id: string): Promise<DeadLetter[]> {
  return db.tenantRead(jobOf(agency_id), (tx) =>
    tx.query<DeadLetter>(sql`
      select d.subscriber, d.seq, d.failures, d.last_error, d.failed_at, d.retry_at from event_dead_letters d
      where d.agency_id = ${tx.agency_id} order by d.subscriber, d.seq limit 1000`),
  )
}

/** Asks the worker to try the dead letters of an agency again. Returns how many. */
export async function retryDeadLetters(db: Database, agency_id: string, subscriber: string | null): Promise<number> {
  const rows = await db.tenantTx(jobOf(agency_id), (tx) =>
    tx.query(sql`
      update event_dead_letters d set retry_at = now()
      where d.agency_id = ${tx.agency_id} and (${subscriber}::text is null or d.subscriber = ${subscriber})
      returning d.seq`),
  )
  return rows.length
}

/** A dead letter to try again. Until it is settled no other process gets it, for at most a minute. */
export interface DueLetter {
  readonly agency_id: string
  readonly event: EventRecord
}

export async function claimDeadLetters(db: Database, name: string): Promise<DueLetter[]> {
  const agencies = await db.systemRead((tx) =>
    tx.query<{ agency_id: string }>(sql`
      select distinct d.agency_id from event_dead_letters d where d.retry_at < now() and d.subscriber = ${name}`),
  )
  const due: DueLetter[] = []
  for (const { agency_id } of agencies) {
    const events = await db.tenantTx(jobOf(agency_id), (tx) =>
      tx.query<EventRecord>(sql`
        update event_dead_letters d set retry_at = now() + interval '1 minute' from audit_seals s
        where d.agency_id = ${tx.agency_id} and d.subscriber = ${name} and d.retry_at < now()
          and s.agency_id = ${tx.agency_id} and s.seq = d.seq
        returning s.seq, s.type, s.entity_type, s.entity_id, s.version, s.property_id, s.former_property_id`),
    )
    due.push(...events.map((event) => ({ agency_id, event })))
  }
  return due
}

/** `error`: undefined when the event was handled; the dead letter is then deleted. */
export async function settleDeadLetter(
  db: Database,
  name: string,
  { agency_id, event: { seq } }: DueLetter,
  error: string | undefined,
): Promise<void> {
  await db.tenantTx(jobOf(agency_id), (tx) =>
    tx.query(
      error === undefined
        ? sql`
            delete from event_dead_letters d
            where d.agency_id = ${tx.agency_id} and d.subscriber = ${name} and d.seq = ${seq}`
        : sql`
            update event_dead_letters d set retry_at = null, failures = d.failures + 1, last_error = ${error}
            where d.agency_id = ${tx.agency_id} and d.subscriber = ${name} and d.seq = ${seq}`,
    ),
  )
}

/** Numbers over all agencies. */
export interface SubscriberState {
  readonly name: string
  /** Agencies with events that it has not handled. */
  readonly behind: number
  /** When the oldest of these was sealed. */
  readonly oldest_at: string | null
  /** Agencies whose next event has failed and will be tried again. */
  readonly failing: number
  readonly dead_letters: number
}

export function readSubscriberStates(db: Database): Promise<SubscriberState[]> {
  return db.systemRead((tx) =>
    tx.query<SubscriberState>(sql`
      select name, behind, oldest_at, failing, dead_letters from app.subscriber_states()`),
  )
}
