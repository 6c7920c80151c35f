// Many clients at once over real sockets: each request with its answer and when it began and ended.
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Api } from '../../src/http/api.ts'

export interface Answer {
  readonly status: number
  /** The error's code, '' for a success. */
  readonly code: string
  readonly body: Record<string, unknown>
  /** The body as it came. */
  readonly text: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Milliseconds of performance.now(). */
  readonly began: number
  readonly ended: number
}

/** Somebody who calls a server that listens. */
export interface Caller {
  /**
   * Sends one request; every request that waits at the same time has a connection of its own. A path without a slash in
   * front is below /api/v1. Rejects when the connection breaks.
   */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  close(): void
}

export interface Rush extends Caller {
  /** The most requests that the server has had in its hands at once, since the last call. */
  peak(): number
}

/** Calls 127.0.0.1 with this token, or as nobody. A body that is a string goes out as it is. */
export function callerOf(port: number, token?: string): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })

  async function send(
    method: string,
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const began = performance.now()
    const payload = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(payload !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(payload),
      }),
      ...more,
    }
    const sent = request({ agent, port, method, path: path.startsWith('/') ? path : `/api/v1/${path}`, headers })
    sent.end(payload)
    const [reply] = await once(sent, 'response')
    let text = ''
    for await (const part of reply.setEncoding('utf8')) text += part
    const is_json = String(reply.headers['content-type']).includes('json') && text !== ''
    const parsed = is_json ? JSON.parse(text) : {}
    const { statusCode: status, headers: its } = reply
    return {
      status,
      code: parsed?.error?.code ?? '',
      body: parsed,
      text,
      headers: its,
      began,
      ended: performance.now(),
    }
  }

  return { send, close: () => agent.destroy() }
}

/** Listens on a free port and calls itself with this token. */
export async function startRush(app: Api, token: string): Promise<Rush> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  let in_flight = 0
  let peak = 0
  app.server.on('request', (_request, reply) => {
    in_flight += 1
    peak = Math.max(peak, in_flight)
    reply.once('close', () => {
      in_flight -= 1
    })
  })
  return {
    ...callerOf(port, token),
    peak: () => {
      const highest = peak
      peak = in_flight
      return highest
    },
  }
}

/** `'201 ': 1, '409 BOOKING_CONFLICT': 199`: how many answers there were of each kind. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, code } of answers) {
    const kind = `${status} ${code}`.trim()
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/** From the first request to the last answer, in ms. */
export function duration(answers: readonly Answer[]): number {
  return Math.max(...answers.map(({ ended }) => ended)) - Math.min(...answers.map(({ began }) => began))
}

/** How many of the requests were sent before any of them was answered. */
export function sentBeforeFirstAnswer(answers: readonly Answer[]): number {
  const first = Math.min(...answers.map(({ ended }) => ended))
  return answers.filter(({ began }) => began < first).length
}

/** The value that this share (0 to 1) of the numbers does not exceed. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** The same numbers from 0 up to (not including) 1 for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
