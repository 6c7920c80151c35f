// Who takes part in a round: something that answers a case for some seconds, and what a load over HTTP costs it.

import { exchange } from '../../../test/raw-socket.ts'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { type Case, type Ground, reservedOf } from '../cases.ts'
import { cpuSeconds } from '../cpu.ts'
import type { Sample } from '../figures.ts'
import { type Outcome, runWrk } from '../wrk.ts'

export interface Contestant {
  readonly name: 'roost' | 'comparison' | 'pgbench'
  takes(one: Case): boolean
  /** Asks once and looks at the answer. Throws when it is not what the case says: then nothing is measured. */
  check(one: Case): Promise<void>
  /** Throws when an answer was not what it has to be. */
  run(one: Case, seconds: number): Promise<Sample>
}

export const connections = 16

/** Processor time of a run: of the processes themselves, and of PostgreSQL meanwhile. Seconds. */
export async function costOf<T>(cluster: Cluster, own_pids: readonly number[], work: () => Promise<T>) {
  const used = () => [own_pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0), cpuSeconds(cluster.pid())] as const
  const before = used()
  const outcome = await work()
  const after = used()
  return { outcome, own: after[0] - before[0], postgres: after[1] - before[1] }
}

export interface Served {
  readonly port: number
  readonly pid: () => number
}

export interface HttpOptions {
  readonly name: 'roost' | 'comparison'
  readonly cluster: Cluster
  readonly ground: Ground
  /** Its processes; connections and requests are dealt out to them evenly. */
  readonly served: readonly Served[]
  /** In all (16). */
  readonly clients?: number
  /** The number of its first request that takes something: the nights before it are taken. */
  readonly first?: number
  /** Refusals under load are counted instead of ending the run. */
  readonly may_refuse?: true
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

/** A service that is asked over HTTP by wrk. */
export function overHttp(options: HttpOptions): Contestant & { following(): number } {
  const { name, cluster, ground, served, clients = connections, callOf } = options
  /** The number of the next request that takes something: nights are taken once in the whole run. */
  let next = options.first ?? reservedOf(ground.volume)
  let fastest = 0
  const needed = (one: Case): Call => {
    const call = callOf(one)
    if (call === undefined) throw new Error(`${name} has no case ${one.id}`)
    return call
  }

  function requestsOf(one: Case, seconds: number): string[] {
    const { request } = needed(one)
    const most = Math.max(fastest * 2, more_than_any_answers) * seconds
    const count = one.is_fresh ? Math.ceil(most) : Math.max(rotation, ground.volume.agencies)
    const from = one.is_fresh ? next : 0
    if (one.is_fresh) next += count
    return Array.from({ length: count }, (_, n) => request(ground, from + n))
  }

  async function load(one: Case, seconds: number): Promise<Outcome> {
    const requests = requestsOf(one, seconds)
    const share = clients / served.length
    const outcomes = await Promise.all(
      served.map(({ port }, nth) => {
        const own = requests.filter((_, n) => n % served.length === nth)
        return runWrk({ port, requests: own, connections: share, seconds })
      }),
    )
    const outcome = together(outcomes)
    if (one.is_fresh && outcome.answers + clients > requests.length) throw new Error(`${name} ran out of requests`)
    return outcome
  }

  return {
    name,
    /** The first number that is still free, for whoever comes next. */
    following: () => next,
    takes: (one) => callOf(one) !== undefined,
    async check(one) {
      const { status, code, request } = needed(one)
      for (const { port } of served) {
        // Of a mixture the first of ten: its status is that of the case.
        if (one.mix !== undefined) next = Math.ceil(next / 10) * 10
        const { replies } = await exchange(port, { parts: [request(ground, next++)], patience: 10_000 })
        const [reply] = replies
        const is_right = reply?.status === status && (code === undefined || reply.text.includes(`"code":"${code}"`))
        if (!is_right) throw new Error(`${name} answers ${one.id} with ${reply?.status} ${reply?.text.slice(0, 500)}`)
      }
    },
    async run(one, seconds) {
      const pids = served.map(({ pid }) => pid())
      const { outcome, own, postgres } = await costOf(cluster, pids, () => load(one, seconds))
      const { answers, refused, broken, p50_ms, p99_ms } = outcome
      const is_refusal = needed(one).status >= 400
      const wrong = is_refusal ? answers - refused : refused
      if (broken > 0 || (wrong > 0 && options.may_refuse === undefined)) {
        throw new Error(`${name}, ${one.id}: of ${answers} answers ${wrong} were wrong, ${broken} requests broke`)
      }
      const per_second = (answers - wrong) / outcome.seconds
      fastest = Math.max(fastest, per_second)
      const cost = { own_cpu_ms: (own / answers) * 1000, postgres_cpu_ms: (postgres / answers) * 1000 }
      return { answers, refused: wrong, per_second, p50_ms, p99_ms, ...cost }
    },
  }
}

/** Of several loads at once: their answers are added; the slower one's times stand for both. */
function together(outcomes: readonly Outcome[]): Outcome {
  const sum = (what: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + what(outcome), 0)
  const most = (what: (outcome: Outcome) => number) => Math.max(...outcomes.map(what))
  return {
    seconds: most(({ seconds }) => seconds),
    answers: sum(({ answers }) => answers),
    refused: sum(({ refused }) => refused),
    broken: sum(({ broken }) => broken),
    p50_ms: most(({ p50_ms }) => p50_ms),
    p99_ms: most(({ p99_ms }) => p99_ms),
    max_ms: most(({ max_ms }) => max_ms),
  }
}
