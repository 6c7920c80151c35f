// The answer to an import: lines of JSON with its progress, and its end. One import at a time in an agency.
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../core/app-error.ts'
import type { Actor } from '../../core/auth/actors.ts'
import { ImportInProgressError } from '../../core/request-errors.ts'
import { InternalError } from '../../core/server-errors.ts'
import { clientSignal } from '../../http/client-signal.ts'
import { reserveBytes } from '../../http/response-memory.ts'
import type { ImportEvent, Report } from './schema.ts'

const max_duration_ms = 10 * 60_000
/** Proxies and clients close connections on which nothing happens for longer. */
const repeat_ms = 5000
const buffer_bytes = 64 * 1024
/** In this process: each needs about 2 kB of memory for a row, 160 MB for the largest file. */
const max_running = 2

export interface ImportSlots {
  /** Runs the import unless another of the agency is running. The signal aborts with the connection, the time and the service. */
  run<T>(actor: Actor, socket: Socket, work: (signal: AbortSignal) => Promise<T>): Promise<T>
  close(): void
}

/** Slots of this process. The locks of the nights order imports of several processes. */
export function createImportSlots(): ImportSlots {
  const running = new Set<string>()
  const closing = new AbortController()
  return {
    async run({ agency_id }, socket, work) {
      if (running.has(agency_id) || running.size >= max_running)
        throw new ImportInProgressError({ headers: { 'retry-after': '5' } })
      running.add(agency_id)
      try {
        return await work(AbortSignal.any([clientSignal(socket), closing.signal, AbortSignal.timeout(max_duration_ms)]))
      } finally {
        running.delete(agency_id)
      }
    },
    close: () => closing.abort(),
  }
}

/**
 * Sends the progress of `work`, and its report as the last line. Throws what `work` throws before its first progress or in its first
 * five seconds; later errors are the last line. A client that reads slowly misses lines of progress.
 */
export async function answerWithEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  work: (onProgress: (done: number, total: number) => void) => Promise<Report>,
): Promise<FastifyReply> {
  const lines = new PassThrough({ highWaterMark: buffer_bytes })
  const write = (event: ImportEvent) => lines.write(`${JSON.stringify(event)}\n`)
  const started = Promise.withResolvers<void>()
  let last: ImportEvent = { progress: { done: 0, total: 0 } }
  const repeat = () => {
    started.resolve()
    if (!lines.writableNeedDrain) write(last)
  }
  const timer = setInterval(repeat, repeat_ms)
  const ended = work((done, total) => {
    last = { progress: { done, total } }
    repeat()
  }).finally(() => clearInterval(timer))
  ended.catch(() => {})
  await Promise.race([started.promise, ended])
  reply.type('application/x-ndjson').header('cache-control', 'no-store').header('x-accel-buffering', 'no')
  void reply.send(reserveBytes(lines, buffer_bytes))
  await ended.then((report) => write({ report })).catch((error: unknown) => write({ error: failure(error, request) }))
  lines.end()
  return reply
}

function failure(error: unknown, { id, log }: FastifyRequest) {
  const known = error instanceof AppError ? error : new InternalError()
  if (known !== error) log.error({ err: error }, 'import failed')
  return { code: known.entry.code, message: known.message, request_id: id }
}
