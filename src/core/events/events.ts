// What happened, told to background work in the transaction in which it happened: saved together, or neither.
import sql from 'sql-template-tag'
import type { Tx } from '../postgres/transaction.ts'

/** Each is a queue of its own; worker.ts says who cares. The database function app.announce_event knows the same names. */
export const events = ['booking.changed'] as const
export type Event = (typeof events)[number]

/** What a handler is given: ids only, because job rows know no row-level security. */
export interface EventData {
  readonly agency_id: string
  readonly entity_id: string
}

/** Queues the event for this agency; it is worked on after COMMIT, at least once. */
export async function announce(tx: Tx, event: Event, entity_id: string): Promise<void> {
  await tx.query(sql`select app.announce_event(${event}, ${entity_id})`)
}

/** The same about many things, in one statement. */
export async function announceAll(tx: Tx, event: Event, entity_ids: readonly string[]): Promise<void> {
  await tx.query(sql`select app.announce_event(${event}, e.id) from unnest(${entity_ids}::uuid[]) as e(id)`)
}
