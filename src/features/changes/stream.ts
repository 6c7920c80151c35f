// One open stream of changes: its text, its position, and its bounded buffer.
import { Readable } from 'node:stream'
import type { Actor } from '../../core/auth/actors.ts'
import type { EventRecord } from '../../core/events/subscriber.ts'
import type { Change } from './schema.ts'
import { createVisibility, seesOwnOnly } from './visibility.ts'

/** While so many bytes wait for the client, no more changes are read for it. http/connections.ts closes it when it does not read. */
export const max_buffered_bytes = 64 * 1024
/** How long a client waits before it connects again. */
const reconnect_ms = 2000

export interface ChangeStream {
  readonly actor: Actor
  /** Owners: their properties can change at any time, so the database is asked for each batch. */
  readonly is_own_only: boolean
  readonly body: Readable
  readonly isFor: (event: EventRecord) => boolean
  /** Everything up to it was sent, or is not for this caller. */
  position: number
  /** The id that the client last got. */
  sent_position: number
  /** Reads from the database, not from the batches of the hub. */
  is_catching_up: boolean
  is_over: boolean
  /** Resolves when there is room in the buffer, or the client has gone. */
  readonly hasRoom: () => Promise<void>
}

/** The headers and this first comment are sent at once. */
export function createStream(actor: Actor, position: number): ChangeStream {
  let wake = () => {}
  const body = new Readable({ read: () => wake(), highWaterMark: max_buffered_bytes })
  body.once('close', () => wake())
  body.push(`: connected\nretry: ${reconnect_ms}\n\n`)
  return {
    actor,
    is_own_only: seesOwnOnly(actor),
    body,
    isFor: createVisibility(actor),
    position,
    sent_position: position,
    is_catching_up: false,
    is_over: false,
    async hasRoom() {
      while (!body.destroyed && body.readableLength >= max_buffered_bytes) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

/** Sends changes and moves the position. */
export function send(stream: ChangeStream, changes: readonly Change[], position: number): void {
  stream.position = position
  if (changes.length === 0 || stream.is_over) return
  const text = changes.map((change) => `id: ${change.id}\ndata: ${JSON.stringify(change)}\n\n`).join('')
  stream.sent_position = changes.at(-1)?.id ?? stream.sent_position
  stream.body.push(text)
}

/** A comment, and the position, if changes that are not for this client have moved it. */
export function sendHeartbeat(stream: ChangeStream): void {
  if (stream.is_over || stream.body.readableLength > 0) return
  const id = stream.position > stream.sent_position ? `\nid: ${stream.position}` : ''
  stream.sent_position = stream.position
  stream.body.push(`: heartbeat${id}\n\n`)
}

/** Ends the response. The client may connect again. */
export function end(stream: ChangeStream, reason: string): void {
  if (stream.is_over) return
  stream.is_over = true
  stream.body.push(`: ${reason}\n\n`)
  stream.body.push(null)
}

/** `isFor` has refused events without a type. */
export function toChange(event: EventRecord): Change {
  const { seq: id, type, entity_type, entity_id, version, property_id, former_property_id } = event
  return { id, type, entity_type, entity_id, version, property_id, former_property_id } as Change
}
