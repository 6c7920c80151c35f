// A load from a process of its own, so that the one that measures does not wait for the one that counts.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { killAtExit } from '../environment/cleanup.ts'

export interface Plan {
  readonly port: number
  /** Whole requests as they go over the wire, sent in turn, again from the first when all are sent; `once`: until then. */
  readonly requests: readonly string[]
  readonly once?: boolean
  /** Closed loop: so many connections, each sends its next request when it has its answer. */
  readonly connections: number
  /** Open loop instead: so many requests a second, whatever is still under way, over at most `connections`. */
  readonly rate?: number
  /** It ends after so long, or after so many requests, whichever comes first. */
  readonly seconds: number
  readonly count?: number
}

/** Milliseconds from when a request was due until its whole answer was there. */
export interface Times {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export interface Outcome {
  readonly seconds: number
  /** By status; '0': the connection broke; 'unsent': all connections waited for answers when it was due. */
  readonly statuses: Readonly<Record<string, number>>
  /** Of answers 2xx, and of all others. */
  readonly good: Times
  readonly others: Times
}

export async function runLoad(plan: Plan): Promise<Outcome> {
  const child = killAtExit(fork(join(import.meta.dirname, 'generator.ts'), { serialization: 'advanced' }))
  child.send(plan)
  const [outcome] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the generator ended with ${code}`)
    }),
  ])
  child.kill()
  return outcome as Outcome
}

/** One request as it goes over the wire; without a token it comes from nobody. */
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
