// Limits exports: one at a time per user and agency in this process, for at most ten minutes.

import type { ServerResponse } from 'node:http'
import { addAbortSignal, type Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Actor } from '../core/auth/actors.ts'
import { ExportInProgressError } from '../core/request-errors.ts'

/** The maximum duration of an export. */
const max_duration_ms = 10 * 60_000
/** How long active exports can continue after the process has been asked to stop. */
const shutdown_ms = 5000

export interface ExportSlots {
  /** Takes the slot of the user in the agency until the response is closed. Throws ExportInProgressError if it is taken. */
  hold(actor: Actor, response: ServerResponse): void
  /**
   * Opens a stream and takes the slot until the stream is closed: at its end, by an error, by a disconnected client, or after
   * ten minutes. Throws ExportInProgressError if the slot is taken.
   */
  open(actor: Actor, stream: () => Promise<Readable>): Promise<Readable>
  /** Ends the streams that are still open after five seconds. */
  close(): void
  /** How many slots are taken. */
  count(): number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** How many exports are active in this process. */
    activeExports(): number
  }
}

/** Ends exports when the server closes. */
export function installExportSlots(app: FastifyInstance, slots: ExportSlots): void {
  app.decorate('activeExports', slots.count)
  app.addHook('preClose', async () => slots.close())
}

export function createExportSlots(limit_ms = max_duration_ms): ExportSlots {
  const taken = new Set<string>()
  const closing = new AbortController()

  function take({ agency_id, id }: Actor): () => void {
    const slot = `${agency_id} ${id}`
    if (taken.has(slot)) throw new ExportInProgressError({ headers: { 'retry-after': '5' } })
    taken.add(slot)
    let is_held = true
    return () => {
      if (is_held) taken.delete(slot)
      is_held = false
    }
  }

  return {
    hold(actor, response) {
      const free = take(actor)
      if (response.destroyed) free()
      else response.once('close', free)
    },
    async open(actor, stream) {
      const free = take(actor)
      try {
        const opened = await stream()
        // Before the client sees the end: it may ask for the next export at once.
        opened.once('end', free)
        opened.once('close', free)
        return addAbortSignal(AbortSignal.any([closing.signal, AbortSignal.timeout(limit_ms)]), opened)
      } catch (error) {
        free()
        throw error
      }
    },
    close: () => void setTimeout(() => closing.abort(), shutdown_ms).unref(),
    count: () => taken.size,
  }
}
