// Who takes part in a round: something that answers a case for some seconds, and what a load over HTTP costs it.
import type { Cluster } from '../../scorecard/stage/cluster.ts'
import { exchange } from '../../test/raw-socket.ts'
import { type Case, type Ground, reservedOf } from '../cases.ts'
import { cpuSeconds } from '../cpu.ts'
import type { Sample } from '../figures.ts'
import { runWrk } from '../wrk.ts'

export interface Contestant {
  readonly name: 'roost' | 'comparison' | 'pgbench'
  takes(one: Case): boolean
  /** Asks once and looks at the answer. Throws when it is not what the case says: then nothing is measured. */
  check(one: Case): Promise<void>
  /** Throws when an answer was not what it has to be. */
  run(one: Case, seconds: number): Promise<Sample>
}

export const connections = 16

/** Processor time of a run: of the process itself, and of PostgreSQL meanwhile. Seconds. */
export async function costOf<T>(cluster: Cluster, own_pid: number | undefined, work: () => Promise<T>) {
  const used = () => [own_pid === undefined ? 0 : cpuSeconds(own_pid), cpuSeconds(cluster.pid())] as const
  const before = used()
  const outcome = await work()
  const after = used()
  return { outcome, own: after[0] - before[0], postgres: after[1] - before[1] }
}

export interface HttpOptions {
  readonly name: 'roost' | 'comparison'
  readonly cluster: Cluster
  readonly ground: Ground
  readonly port: number
  readonly pid: () => number
  /** How this one is asked; undefined: it has no such call. */
  readonly callOf: (one: Case) => Call | undefined
}

interface Call {
  readonly status: number
  readonly code?: string | undefined
  readonly request: (ground: Ground, i: number) => string
}

/** Requests that may be sent again are made once, so many; others are made for each run, more than it can answer. */
const rotation = 5000
const more_than_any_answers = 12_000

/** A service that is asked over HTTP by wrk, from `connections` connections. */
export function overHttp({ name, cluster, ground, port, pid, callOf }: HttpOptions): Contestant {
  /** The number of the next request that takes something: nights are taken once in the whole run. */
  let next = reservedOf(ground.volume)
  let fastest = 0
  const needed = (one: Case): Call => {
    const call = callOf(one)
    if (call === undefined) throw new Error(`${name} has no case ${one.id}`)
    return call
  }

  function requestsOf(one: Case, seconds: number): string[] {
    const { request } = needed(one)
    const count = one.is_fresh ? Math.ceil(Math.max(fastest * 2, more_than_any_answers) * seconds) : rotation
    const from = one.is_fresh ? next : 0
    return Array.from({ length: count }, (_, n) => request(ground, from + n))
  }

  return {
    name,
    takes: (one) => callOf(one) !== undefined,
    async check(one) {
      const { status, code, request } = needed(one)
      const { replies } = await exchange(port, { parts: [request(ground, next)], patience: 10_000 })
      next += 1
      const [reply] = replies
      const is_right = reply?.status === status && (code === undefined || reply.text.includes(`"code":"${code}"`))
      if (!is_right) throw new Error(`${name} answers ${one.id} with ${reply?.status} ${reply?.text.slice(0, 500)}`)
    },
    async run(one, seconds) {
      const requests = requestsOf(one, seconds)
      const load = { port, requests, connections, seconds }
      const { outcome, own, postgres } = await costOf(cluster, pid(), () => runWrk(load))
      const { answers, refused, broken, p50_ms, p99_ms } = outcome
      if (one.is_fresh) next += answers + connections
      if (one.is_fresh && answers + connections > requests.length) throw new Error(`${name} ran out of requests`)
      const expected = needed(one).status < 400 ? 0 : answers
      if (refused !== expected || broken > 0) {
        throw new Error(`${name}, ${one.id}: of ${answers} answers ${refused} were refusals, ${broken} requests broke`)
      }
      const per_second = answers / outcome.seconds
      fastest = Math.max(fastest, per_second)
      const cost = { own_cpu_ms: (own / answers) * 1000, postgres_cpu_ms: (postgres / answers) * 1000 }
      return { answers, per_second, p50_ms, p99_ms, ...cost }
    },
  }
}
