// Parses the command line.
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../src/store.ts'
import { type Case, cases } from './cases.ts'
import { type Scenario, scenarios } from './scenarios.ts'

export const usage = `npm run bench [-- options]
  --quick        a tenth of the bookings, three cases, three rounds of one second; a functional check whose
                 figures are not meaningful
  --only A,B     run only these cases and scenarios
  --rounds N     number of rounds (5; quick 3; curves 3)
  --seconds N    duration of each load in a round (4; quick 1)
  --peer DIR     folder of the comparison service (BENCH_PEER, ../shared/bench/peer)
  --curves       measure throughput and p99 by bookings, agencies, connections and API processes instead (with
                 --quick: on a hundredth of the data)
  --write        save the figures in docs/performance and generate docs/performance.md; complete runs only
  --json FILE    also write the results to FILE
  --list         list the cases and scenarios
  --help         print this text
Exit code: 0 all targets met, 1 a target missed, 2 the benchmark could not run.`

export interface BenchOptions {
  readonly action: 'help' | 'list' | 'curves' | 'cases'
  readonly is_quick: boolean
  readonly cases: readonly Case[]
  readonly scenarios: readonly Scenario[]
  readonly rounds: number
  /** Duration of each load. */
  readonly seconds: number
  /** The folder of the baseline. */
  readonly baseline_dir: string
  readonly json: string | undefined
  /** Whether to save the figures in docs/performance. */
  readonly writes: boolean
}

const quick_cases = ['list', 'get', 'create']

/** Throws when the arguments are invalid. */
export function parseOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      peer: { type: 'string' },
      json: { type: 'string' },
      curves: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { quick: is_quick, curves, write: writes, json } = values
  const wanted = values.only?.split(',')
  const unknown = wanted?.find((id) => ![...cases, ...scenarios].some((one) => one.id === id))
  if (unknown !== undefined) throw new Error(`unknown case or scenario ${unknown}; --list prints them all`)
  if (writes && (is_quick || wanted !== undefined))
    throw new Error('--write saves complete runs: it cannot be combined with --quick or --only')
  const default_length = default_lengths[curves ? 'curves' : 'cases'][is_quick ? 'quick' : 'full']
  const isChosen = (id: string, is_in_quick: boolean) => wanted?.includes(id) ?? (!is_quick || is_in_quick)
  return {
    action: values.help ? 'help' : values.list ? 'list' : curves ? 'curves' : 'cases',
    is_quick,
    cases: cases.filter(({ id }) => isChosen(id, quick_cases.includes(id))),
    scenarios: scenarios.filter(({ id, seconds }) => isChosen(id, seconds.quick !== undefined)),
    rounds: count('rounds', values.rounds, default_length.rounds),
    seconds: count('seconds', values.seconds, default_length.seconds),
    baseline_dir: resolve(root, values.peer ?? env.BENCH_PEER ?? join('..', 'shared', 'bench', 'peer')),
    json,
    writes,
  }
}

const default_lengths = {
  cases: { full: { rounds: 5, seconds: 4 }, quick: { rounds: 3, seconds: 1 } },
  curves: { full: { rounds: 3, seconds: 4 }, quick: { rounds: 1, seconds: 1 } },
}

function count(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`--${name} takes a whole number from 1 to 9999`)
  return Number(text)
}
