// One export at a time per person and agency in this process, and none for longer than ten minutes.
import type { ServerResponse } from 'node:http'
import { addAbortSignal, type Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Actor } from '../core/auth/permissions.ts'
import { ExportInProgressError } from '../core/errors.ts'

/** How long an export may take in all, however slowly its client reads. */
const deadline_ms = 10 * 60_000
/** How long exports that are under way may go on once the process is told to stop. */
const closing_ms = 5000

export interface ExportSlots {
  /** Takes the slot of the person in the agency until the response is over; throws ExportInProgressError when it is taken. */
  hold(actor: Actor, response: ServerResponse): void
  /**
   * Opens a stream in the slot, which is free again when the stream is closed: at its end, by an error, by a client that
   * leaves, or by the deadline.
   */
  open(actor: Actor, stream: () => Promise<Readable>): Promise<Readable>
  /** Ends the streams that are still open five seconds from now. */
  close(): void
  /** How many slots are taken. */
  count(): number
}

declare module 'fastify' {
  interface FastifyInstance {
    /** How many exports are under way in this process. */
    exportsUnderWay(): number
  }
}

/** Exports end soon after the process is told to stop. */
export function installExportSlots(app: FastifyInstance, slots: ExportSlots): void {
  app.decorate('exportsUnderWay', slots.count)
  app.addHook('preClose', async () => slots.close())
}

export function createExportSlots(limit_ms = deadline_ms): ExportSlots {
  const taken = new Set<string>()
  const closing = new AbortController()

  function take({ agency_id, user_id }: Actor): () => void {
    const slot = `${agency_id} ${user_id}`
    if (taken.has(slot)) throw new ExportInProgressError({ headers: { 'retry-after': '5' } })
    taken.add(slot)
    return () => void taken.delete(slot)
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
        opened.once('close', free)
        return addAbortSignal(AbortSignal.any([closing.signal, AbortSignal.timeout(limit_ms)]), opened)
      } catch (error) {
        free()
        throw error
      }
    },
    close: () => void setTimeout(() => closing.abort(), closing_ms).unref(),
    count: () => taken.size,
  }
}
