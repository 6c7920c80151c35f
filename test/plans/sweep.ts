// Executes every statement with both plan modes among few and many agencies, and reports wide reads.
import type { CollectedStatement } from '../isolation/collector.ts'
import { narrowIndexes, wholeReads } from './exceptions.ts'
import { executionsOf, isRead } from './executions.ts'
import { type Execution, type Explained, explain, type FilledDatabase } from './explain.ts'
import { type Names, readStatement } from './parameters.ts'
import { drawn, reachOf, scansOf, shapeOf } from './plan.ts'
import { rows_each } from './volume.ts'

/** The same agency among few and among many others. */
export interface Databases {
  readonly few: FilledDatabase
  readonly many: FilledDatabase
}

export interface Sweep {
  /** Each with the file, the problem, the statement and its plan. */
  readonly problems: readonly string[]
  /** Each statement on our tables, with its generic plan. */
  readonly plans: readonly string[]
  /** Every table and index that was read, also by functions, triggers and foreign key checks, and each of `wholeReads`. */
  readonly relations: ReadonlySet<string>
}

/** With the same plan: indexes can be one level higher, and some pages are split. */
const grown_factor = 1.5
const grown_pages = 10

/** With another plan: each row of the agency is looked up in an index of three levels. */
const looked_up_pages = rows_each * 4

/** Executes all statements. One that cannot be executed with the generated values is a problem. */
export async function sweepPlans(databases: Databases, statements: readonly CollectedStatement[]): Promise<Sweep> {
  const names = await namesOn(databases.many)
  const sweep = { problems: [] as string[], plans: [] as string[], relations: new Set<string>() }
  for (const { text, file } of statements.toSorted(readsFirst)) {
    const read = readStatement(text, names)
    if (text in wholeReads) {
      sweep.relations.add(text)
      continue
    }
    if (!read.has_plan || !read.touches) continue
    const runs = await executionsOf(databases.many, text, read)
    if (typeof runs === 'string') sweep.problems.push(`${file}: ${runs}\n  ${text}`)
    else
      for (const run of runs) {
        await removeDeadRows(databases, read.written)
        await sweepRun(databases, file, run, sweep)
      }
  }
  return sweep
}

/** Otherwise a change reads the versions that earlier ones, rolled back, have left. */
async function removeDeadRows({ few, many }: Databases, tables: readonly string[]): Promise<void> {
  for (const table of new Set(tables))
    for (const { connection } of [few, many]) await connection.query(`vacuum public.${table}`)
}

/** Reads before writes, in a fixed order: writes leave dead rows, on more pages among many agencies. */
function readsFirst(a: CollectedStatement, b: CollectedStatement): number {
  return Number(isRead(b.text)) - Number(isRead(a.text)) || (a.text < b.text ? -1 : 1)
}

async function sweepRun(
  databases: Databases,
  file: string,
  run: Execution,
  sweep: { problems: string[]; plans: string[]; relations: Set<string> },
): Promise<void> {
  const [few, many] = await Promise.all([explain(databases.few, run), explain(databases.many, run)])
  const plan = `  ${run.text}\n${drawn(many.plan, 1)}`
  for (const what of problemsIn(databases.many, few, many))
    sweep.problems.push(`${file}: ${what} (${describeRun(run)})\n${plan}`)
  for (const name of many.readings.keys()) sweep.relations.add(name)
  if (run.mode === 'force_generic_plan') sweep.plans.push(`${file}, for ${run.by.name}:\n${plan}`)
}

/** After a sweep over all statements: exceptions that no statement needs. */
export function staleExceptions({ relations }: Sweep): string[] {
  return [...Object.keys(narrowIndexes), ...Object.keys(wholeReads)]
    .filter((exception) => !relations.has(exception))
    .map((exception) => `nothing needs the exception ${exception} any more: remove it from test/plans/exceptions.ts`)
}

async function namesOn({ connection, filled }: FilledDatabase): Promise<Names> {
  const { rows } = await connection.query(
    "select proname as name, coalesce(proargnames, '{}') as arguments from pg_proc where pronamespace = 'app'::regnamespace",
  )
  return {
    tables: new Set(filled.map(({ table }) => table.name)),
    functions: new Map(rows.map((row) => [row.name as string, row.arguments as string[]])),
  }
}

function describeRun({ mode, by }: Execution): string {
  return `${mode === 'force_generic_plan' ? 'generic' : 'custom'} plan, for ${by.name}`
}

function problemsIn({ filled }: FilledDatabase, few: Explained, many: Explained): Set<string> {
  const keys = new Map(filled.map(({ table }) => [table.name, table.key]))
  const scans = scansOf(many.plan)
  const whole = scans.flatMap(({ table, index }) => (index === undefined ? [table] : []))
  const reaches = scans.flatMap((scan) => reachOf(scan, keys, narrowIndexes) ?? [])
  return new Set([...reaches, ...hidden(many, whole), ...growth(few, many)])
}

/** Sequential scans in functions, triggers and foreign key checks, which EXPLAIN does not show. */
function hidden({ readings }: Explained, seen: readonly string[]): string[] {
  return [...readings].flatMap(([name, { whole }]) =>
    whole > 0 && !seen.includes(name)
      ? [`sequential scan of ${name} in a function, a trigger or a foreign key check`]
      : [],
  )
}

function growth(few: Explained, many: Explained): string[] {
  const is_same = shapeOf(few.plan) === shapeOf(many.plan)
  return [...many.readings].flatMap(([name, { pages }]) => {
    const before = few.readings.get(name)?.pages ?? 0
    const limit = Math.max(before * grown_factor + grown_pages, is_same ? 0 : looked_up_pages)
    return pages > limit ? [`${name}: ${before} pages among few agencies, ${pages} among many`] : []
  })
}
