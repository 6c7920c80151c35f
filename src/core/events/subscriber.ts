// What a subscriber of the event log is, and the events that it gets.
import type { Database } from '../postgres/database.ts'

/** A sealed entry of the audit log: ids, no personal data. */
export interface EventRecord {
  /** Gapless in each agency. */
  readonly seq: number
  /** `<entity>.<event>`, for example booking.created. Null for an entry that was sealed before and is missing. */
  readonly type: string | null
  readonly entity_type: string | null
  readonly entity_id: string | null
  /** Of the record after the change; null when it has none. */
  readonly version: number | null
  readonly property_id: string | null
  /** The property before, when the record was moved to another one. */
  readonly former_property_id: string | null
}

export interface Subscriber {
  /** Identifies its positions in the database: a subscriber that is renamed is a new one. */
  readonly name: string
  /** Event types, or beginnings of them that end with a dot: `booking.`. */
  readonly types: readonly string[]
  /** How long the events of an agency are collected before they are delivered (0). */
  readonly collect_ms?: number
  /**
   * Gets the events of one agency in order, at least once: after a crash, a timeout or a failure the same events come again.
   * After a failure of several events they are delivered one by one.
   */
  handle(db: Database, agency_id: string, events: readonly EventRecord[]): Promise<void>
}

export function isFor({ types }: Subscriber, { type }: EventRecord): boolean {
  return type !== null && types.some((wanted) => type === wanted || (wanted.endsWith('.') && type.startsWith(wanted)))
}
