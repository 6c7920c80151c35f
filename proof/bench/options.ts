// What the command line asks for.
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../src/store.ts'
import { type Case, cases } from './cases.ts'
import { type Measure, measures } from './scenarios.ts'

export const usage = `npm run bench [-- options]
  --quick        a tenth of the bookings, three cases, three rounds of a second: shows that all of it runs; its
                 figures say little
  --only A,B     these cases and measures and no others
  --rounds N     rounds (5; quick 3; curves 3)
  --seconds N    length of each load in a round (4; quick 1)
  --peer DIR     the folder of the comparison service (BENCH_PEER, ../shared/bench/peer)
  --curves       instead: throughput and p99 against bookings, agencies, connections, API processes (with --quick: on
                 a hundredth of the data)
  --write        keeps the figures in docs/performance and writes docs/performance.md; whole runs only
  --json FILE    writes everything to FILE as well
  --list         what there is to measure
  --help         this
Exit code: 0 every target is met, 1 some are not, 2 could not run.`

export interface Choice {
  readonly asks_for: 'help' | 'list' | 'curves' | 'cases'
  readonly is_quick: boolean
  readonly cases: readonly Case[]
  readonly measures: readonly Measure[]
  readonly rounds: number
  /** Of each load. */
  readonly seconds: number
  /** The folder of the comparison service. */
  readonly peer: string
  readonly json: string | undefined
  /** Into docs/performance. */
  readonly writes: boolean
}

const quick_cases = ['list', 'get', 'create']

/** Throws with a sentence when it cannot be understood. */
export function choiceOf(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Choice {
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
  const unknown = wanted?.find((id) => ![...cases, ...measures].some((one) => one.id === id))
  if (unknown !== undefined) throw new Error(`there is no ${unknown}; --list shows what there is`)
  if (writes && (is_quick || wanted !== undefined)) throw new Error('--write keeps whole runs: no --quick, no --only')
  const pace = paces[curves ? 'curves' : 'cases'][is_quick ? 'quick' : 'full']
  const isChosen = (id: string, is_in_quick: boolean) => wanted?.includes(id) ?? (!is_quick || is_in_quick)
  return {
    asks_for: values.help ? 'help' : values.list ? 'list' : curves ? 'curves' : 'cases',
    is_quick,
    cases: cases.filter(({ id }) => isChosen(id, quick_cases.includes(id))),
    measures: measures.filter(({ id, seconds }) => isChosen(id, seconds.quick !== undefined)),
    rounds: count('rounds', values.rounds, pace.rounds),
    seconds: count('seconds', values.seconds, pace.seconds),
    peer: resolve(root, values.peer ?? env.BENCH_PEER ?? join('..', 'shared', 'bench', 'peer')),
    json,
    writes,
  }
}

const paces = {
  cases: { full: { rounds: 5, seconds: 4 }, quick: { rounds: 3, seconds: 1 } },
  curves: { full: { rounds: 3, seconds: 4 }, quick: { rounds: 1, seconds: 1 } },
}

function count(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`--${name} takes a whole number from 1`)
  return Number(text)
}
