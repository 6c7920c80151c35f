// Generates load from a separate process, so that other work does not delay its timing.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { killAtExit } from '../environment/cleanup.ts'

export interface Plan {
  readonly port: number
  /** Complete raw HTTP requests, sent in order and repeated from the first; with `once`, not repeated. */
  readonly requests: readonly string[]
  readonly once?: boolean
  /** Closed loop: each connection sends its next request after an answer. */
  readonly connections: number
  /** Open loop instead: requests per second, independent of answers, over at most `connections`. */
  readonly rate?: number
  /** Ends after `seconds` or after `count` requests, whichever comes first. */
  readonly seconds: number
  readonly count?: number
}

/** Milliseconds from when a request was due until its answer was complete. */
export interface Times {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface Outcome {
  readonly seconds: number
  /** Counts by status; '0': the connection broke; 'unsent': no connection was free when the request was due. */
  readonly statuses: Readonly<Record<string, number>>
  /** Times of 2xx answers, and of all others. */
  readonly good: Times
  readonly others: Times
}

export async function runLoad(plan: Plan): Promise<Outcome> {
  const child = killAtExit(fork(join(import.meta.dirname, 'generator.ts'), { serialization: 'advanced' }))
  child.send(plan)
  const [outcome] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the load generator exited with code ${code}`)
    }),
  ])
  child.kill()
  return outcome as Outcome
}

/** A raw HTTP request; `token` undefined sends no Authorization header. */
export function rawRequest(
  method: string,
  path: string,
  token: string | undefined,
  body?: object,
  more: object = {},
): string {
  const payload = body === undefined ? '' : JSON.stringify(body)
  const headers = {
    host: '127.0.0.1',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    ...more,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, ...lines, '', payload].join('\r\n')
}
