// The sweep: every statement, planned both ways, beside few agencies and beside many; what reaches further is a problem.
import type { CollectedStatement } from '../isolation/collector.ts'
import { narrowIndexes } from './exceptions.ts'
import { type Bench, type Explained, explain, type Given } from './explain.ts'
import { type Names, readStatement } from './parameters.ts'
import { drawn, reachOf, scansOf, shapeOf } from './plan.ts'
import { isRead, runsOf } from './runs.ts'
import { rows_each } from './volume.ts'

/** The same agency beside few others and beside many. */
export interface Benches {
  readonly few: Bench
  readonly many: Bench
}

export interface Sweep {
  /** Each names the file, what is wrong, the statement and its plan. */
  readonly problems: readonly string[]
  /** Each statement that touches our tables, with its plan for any values. */
  readonly plans: readonly string[]
  /** Every table and index that was read, by functions, triggers and key checks too. */
  readonly relations: ReadonlySet<string>
}

/** With the same plan: an index is a level higher at most, and a page is split here and there. */
const grown_factor = 1.5
const grown_pages = 10

/** With another plan: each row of the agency looked up by itself, through an index of three levels. */
const looked_up_pages = rows_each * 4

/** Runs them all; one that cannot be run with the values made up for it is a problem as well. */
export async function sweepPlans(benches: Benches, statements: readonly CollectedStatement[]): Promise<Sweep> {
  const names = await namesOn(benches.many)
  const sweep = { problems: [] as string[], plans: [] as string[], relations: new Set<string>() }
  for (const { text, file } of statements.toSorted(readsFirst)) {
    const read = readStatement(text, names)
    if (!read.has_plan || !read.touches) continue
    const runs = await runsOf(benches.many, text, read)
    if (typeof runs === 'string') sweep.problems.push(`${file}: ${runs}\n  ${text}`)
    else for (const run of runs) await sweepRun(benches, file, run, sweep)
  }
  return sweep
}

/** Statements that write leave dead rows, on more pages beside many agencies: those that read come before, all in one order. */
function readsFirst(a: CollectedStatement, b: CollectedStatement): number {
  return Number(isRead(b.text)) - Number(isRead(a.text)) || (a.text < b.text ? -1 : 1)
}

async function sweepRun(
  benches: Benches,
  file: string,
  run: Given,
  sweep: { problems: string[]; plans: string[]; relations: Set<string> },
): Promise<void> {
  const [few, many] = await Promise.all([explain(benches.few, run), explain(benches.many, run)])
  const plan = `  ${run.text}\n${drawn(many.plan, 1)}`
  for (const what of judged(benches.many, few, many)) sweep.problems.push(`${file}: ${what} (${told(run)})\n${plan}`)
  for (const name of many.readings.keys()) sweep.relations.add(name)
  if (run.mode === 'force_generic_plan') sweep.plans.push(`${file}, for ${run.by.name}:\n${plan}`)
}

/** After a sweep over all statements: indexes that need no exception any more. */
export function staleExceptions({ relations }: Sweep): string[] {
  return Object.keys(narrowIndexes)
    .filter((index) => !relations.has(index))
    .map((index) => `no statement reads ${index} any more: remove it from test/plans/exceptions.ts`)
}

async function namesOn({ connection, filled }: Bench): Promise<Names> {
  const { rows } = await connection.query(
    "select proname as name, coalesce(proargnames, '{}') as arguments from pg_proc where pronamespace = 'app'::regnamespace",
  )
  return {
    tables: new Set(filled.map(({ table }) => table.name)),
    functions: new Map(rows.map((row) => [row.name as string, row.arguments as string[]])),
  }
}

function told({ mode, by }: Given): string {
  return `planned ${mode === 'force_generic_plan' ? 'for any values' : 'with its values'}, for ${by.name}`
}

function judged({ filled }: Bench, few: Explained, many: Explained): Set<string> {
  const keys = new Map(filled.map(({ table }) => [table.name, table.key]))
  const scans = scansOf(many.plan)
  const whole = scans.flatMap(({ table, index }) => (index === undefined ? [table] : []))
  const reaches = scans.flatMap((scan) => reachOf(scan, keys, narrowIndexes) ?? [])
  return new Set([...reaches, ...hidden(many, whole), ...growth(few, many)])
}

/** Read from end to end by a function, a trigger or a foreign key, where EXPLAIN does not look. */
function hidden({ readings }: Explained, seen: readonly string[]): string[] {
  return [...readings].flatMap(([name, { whole }]) =>
    whole > 0 && !seen.includes(name) ? [`sequential scan of ${name} in a function, a trigger or a key check`] : [],
  )
}

function growth(few: Explained, many: Explained): string[] {
  const is_same = shapeOf(few.plan) === shapeOf(many.plan)
  return [...many.readings].flatMap(([name, { pages }]) => {
    const before = few.readings.get(name)?.pages ?? 0
    const limit = Math.max(before * grown_factor + grown_pages, is_same ? 0 : looked_up_pages)
    return pages > limit ? [`${name}: ${before} pages beside few agencies, ${pages} beside many`] : []
  })
}
