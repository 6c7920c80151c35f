// Serves all open streams of this process: reads new events of their agencies once and hands them to each stream.
import { setTimeout as delay } from 'node:timers/promises'
import sql from 'sql-template-tag'
import type { EventRecord } from '../../core/events/subscriber.ts'
import type { Logger } from '../../core/log.ts'
import type { Database } from '../../core/postgres/database.ts'
import { readChanges } from './changes.ts'
import { type ChangeStream, max_buffered_bytes, send, toChange } from './stream.ts'

const poll_ms = 250
const page_size = 100
/** Events of one agency in one read. */
const max_events = 200

interface Agency {
  /** The last event that was read for its streams. */
  position: number
  readonly streams: Set<ChangeStream>
}

export interface Hub {
  /** Sends what the stream has missed, then everything new, until its body is closed. `last`: the agency's last event. */
  add(stream: ChangeStream, last: number): void
  close(): void
}

/** Polls, and does not listen for notifications: the same on every engine and behind every connection pooler. */
export function createHub(db: Database, log: Logger): Hub {
  const agencies = new Map<string, Agency>()
  const stopping = new AbortController()
  const { signal } = stopping
  let is_polling = false
  let is_failing = false

  async function poll(): Promise<void> {
    is_polling = true
    while (agencies.size > 0 && !signal.aborted) {
      const has_more = await readNext(db, agencies).then(
        (more) => {
          is_failing = false
          return more
        },
        (error: Error) => {
          if (!is_failing) log.error({ error: error.message }, 'reading events for open streams failed')
          is_failing = true
          return false
        },
      )
      if (!has_more) await delay(poll_ms, undefined, { signal, ref: false }).catch(() => {})
    }
    is_polling = false
  }

  return {
    add(stream, last) {
      const { agency_id } = stream.actor
      const agency = agencies.get(agency_id) ?? { position: last, streams: new Set() }
      agencies.set(agency_id, agency)
      agency.streams.add(stream)
      stream.body.once('close', () => {
        agency.streams.delete(stream)
        if (agency.streams.size === 0) agencies.delete(agency_id)
      })
      void catchUp(db, stream, agency)
      if (!is_polling) void poll()
    },
    close: () => stopping.abort(),
  }
}

/** One read for all agencies. Returns whether one of them may have more. */
async function readNext(db: Database, agencies: ReadonlyMap<string, Agency>): Promise<boolean> {
  const wanted = [...agencies]
  const events = Map.groupBy(await readEvents(db, wanted), ({ agency }) => agency)
  for (const [agency_id, agency] of wanted) deliver(db, agency, events.get(agency_id) ?? [])
  return [...events.values()].some(({ length }) => length === max_events)
}

function deliver(db: Database, agency: Agency, events: readonly EventRecord[]): void {
  const last = events.at(-1)
  if (last === undefined) return
  agency.position = Math.max(agency.position, last.seq)
  for (const stream of agency.streams) {
    if (stream.is_catching_up) continue
    const mine = events.filter((event) => event.seq > stream.position && stream.isFor(event))
    const is_full = stream.body.readableLength >= max_buffered_bytes
    if (mine.length > 0 && (stream.is_own_only || is_full)) void catchUp(db, stream, agency)
    else send(stream, mine.map(toChange), Math.max(stream.position, agency.position))
  }
}

/** Reads pages as the caller until the stream is where the hub is. Waits while the buffer is full. */
async function catchUp(db: Database, stream: ChangeStream, agency: Agency): Promise<void> {
  stream.is_catching_up = true
  try {
    for (let has_more = true; has_more && !stream.is_over; ) {
      await stream.hasRoom()
      if (stream.body.destroyed) return
      const { position: after } = stream
      const read = await db.tenantRead(stream.actor, (tx) => readChanges(tx, after, page_size))
      send(stream, read.items, read.position)
      // The hub may have read further meanwhile, and left this stream out.
      const is_behind = read.position < agency.position
      if (is_behind && read.position === after) await delay(poll_ms, undefined, { ref: false })
      has_more = read.has_more || is_behind
    }
  } catch {
    // The client continues by the id of the last change.
    stream.body.destroy()
  } finally {
    stream.is_catching_up = false
  }
}

type AgencyEvent = EventRecord & { readonly agency: string }

async function readEvents(db: Database, agencies: readonly (readonly [string, Agency])[]): Promise<AgencyEvent[]> {
  const ids = agencies.map(([id]) => id)
  const positions = agencies.map(([, { position }]) => position)
  return db.systemRead((tx) =>
    tx.query<AgencyEvent>(sql`
      select agency, seq, type, entity_type, entity_id, version, property_id, former_property_id
      from app.read_events(${ids}::uuid[], ${positions}::bigint[], ${max_events})`),
  )
}
