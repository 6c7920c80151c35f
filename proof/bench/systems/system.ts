// A system under test, and HTTP systems that are loaded with wrk.

import { exchange } from '../../../test/raw-socket.ts'
import type { Cluster } from '../../scorecard/environment/cluster.ts'
import { type Case, type Dataset, firstIndexOf } from '../cases.ts'
import { cpuSeconds } from '../cpu.ts'
import type { Sample } from '../figures.ts'
import { type Outcome, runWrk } from '../wrk.ts'

export interface System {
  readonly name: 'roost' | 'comparison' | 'pgbench'
  supports(bench_case: Case): boolean
  /** Sends one request. Throws when the answer is not the expected one. */
  check(bench_case: Case): Promise<void>
  /** Runs the load. Throws when an answer is wrong. */
  run(bench_case: Case, seconds: number): Promise<Sample>
}

export const connections = 16

/** Runs `work` and returns the CPU seconds used meanwhile by the processes and by PostgreSQL. */
export async function measureCpu<T>(cluster: Cluster, own_pids: readonly number[], work: () => Promise<T>) {
  const used = () => [own_pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0), cpuSeconds(cluster.pid())] as const
  const before = used()
  const outcome = await work()
  const after = used()
  return { outcome, own: after[0] - before[0], postgres: after[1] - before[1] }
}

export interface ServerProcess {
  readonly port: number
  readonly pid: () => number
}

export interface HttpOptions {
  readonly name: 'roost' | 'comparison'
  readonly cluster: Cluster
  readonly dataset: Dataset
  /** Connections and requests are distributed evenly over these processes. */
  readonly processes: readonly ServerProcess[]
  /** Total number of connections (16). */
  readonly clients?: number
  /** Index of the first request with unused nights. */
  readonly first?: number
  /** Counts refusals instead of failing. */
  readonly may_refuse?: true
  /** The call of this system for the case; undefined when it has none. */
  readonly callOf: (bench_case: Case) => Call | undefined
}

interface Call {
  readonly status: number
  readonly code?: string | undefined
  readonly request: (dataset: Dataset, i: number) => string
}

/** Repeatable requests are generated once; others for each run, more than the system can answer. */
const num_repeatable = 5000
const max_answers_per_second = 12_000

/** A system that is loaded over HTTP with wrk. */
export function httpSystem(options: HttpOptions): System & { nextIndex(): number } {
  const { name, cluster, dataset, processes, clients = connections, callOf } = options
  /** Index of the next request with unused nights. */
  let next = options.first ?? firstIndexOf(dataset.volume)
  let fastest = 0
  const callFor = (bench_case: Case): Call => {
    const call = callOf(bench_case)
    if (call === undefined) throw new Error(`${name} has no case ${bench_case.id}`)
    return call
  }

  function requestsOf(bench_case: Case, seconds: number): string[] {
    const { request } = callFor(bench_case)
    const max_requests = Math.max(fastest * 2, max_answers_per_second) * seconds
    const count = bench_case.is_fresh ? Math.ceil(max_requests) : Math.max(num_repeatable, dataset.volume.agencies)
    const from = bench_case.is_fresh ? next : 0
    if (bench_case.is_fresh) next += count
    return Array.from({ length: count }, (_, n) => request(dataset, from + n))
  }

  async function load(bench_case: Case, seconds: number): Promise<Outcome> {
    const requests = requestsOf(bench_case, seconds)
    const clients_per_process = clients / processes.length
    const outcomes = await Promise.all(
      processes.map(({ port }, nth) => {
        const own = requests.filter((_, n) => n % processes.length === nth)
        return runWrk({ port, requests: own, connections: clients_per_process, seconds })
      }),
    )
    const outcome = mergeOutcomes(outcomes)
    if (bench_case.is_fresh && outcome.answers + clients > requests.length)
      throw new Error(`${name} ran out of requests`)
    return outcome
  }

  return {
    name,
    /** The first unused index, for the `first` option of the next system. */
    nextIndex: () => next,
    supports: (bench_case) => callOf(bench_case) !== undefined,
    async check(bench_case) {
      const { status, code, request } = callFor(bench_case)
      for (const { port } of processes) {
        // The first request of each ten in a mix has the status of the case.
        if (bench_case.mix !== undefined) next = Math.ceil(next / 10) * 10
        const { replies } = await exchange(port, { parts: [request(dataset, next++)], timeout_ms: 10_000 })
        const [reply] = replies
        const is_right = reply?.status === status && (code === undefined || reply.text.includes(`"code":"${code}"`))
        if (!is_right)
          throw new Error(`${name} answered ${bench_case.id} with ${reply?.status} ${reply?.text.slice(0, 500)}`)
      }
    },
    async run(bench_case, seconds) {
      const pids = processes.map(({ pid }) => pid())
      const { outcome, own, postgres } = await measureCpu(cluster, pids, () => load(bench_case, seconds))
      const { answers, refused, broken, p50_ms, p99_ms } = outcome
      const expects_refusal = callFor(bench_case).status >= 400
      const wrong = expects_refusal ? answers - refused : refused
      if (broken > 0 || (wrong > 0 && options.may_refuse === undefined)) {
        throw new Error(
          `${name}, ${bench_case.id}: ${wrong} of ${answers} answers were wrong, ${broken} requests had no answer`,
        )
      }
      const per_second = (answers - wrong) / outcome.seconds
      fastest = Math.max(fastest, per_second)
      const cost = { own_cpu_ms: (own / answers) * 1000, postgres_cpu_ms: (postgres / answers) * 1000 }
      return { answers, refused: wrong, per_second, p50_ms, p99_ms, ...cost }
    },
  }
}

/** Merges concurrent loads: counts are added, times are those of the slowest. */
function mergeOutcomes(outcomes: readonly Outcome[]): Outcome {
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
