// The sweep: every statement, planned both ways, beside few agencies and beside many; what reaches further is a problem.
import type { CollectedStatement } from '../isolation/collector.ts'
import { auditStatement } from '../isolation/statement-audit.ts'
import { tenantTables } from '../isolation/tables.ts'
import { narrowIndexes } from './exceptions.ts'
import {
  attempts,
  type Bench,
  type Explained,
  explain,
  type Given,
  type Identity,
  identitiesOn,
  modes,
} from './explain.ts'
import { type Names, readStatement } from './parameters.ts'
import { drawn, reachOf, scansOf, shapeOf } from './plan.ts'
import { rows_each } from './volume.ts'

/** The same agency beside few others and beside many. */
export interface Benches {
  readonly few: Bench
  readonly many: Bench
}

export interface Sweep {
  /** Each names the file, what is wrong, the statement and its plan. */
  readonly problems: readonly string[]
  /** Statements that were run. The others touch none of our tables. */
  readonly explained: number
  /** The tables that their plans read. */
  readonly tables: ReadonlySet<string>
  /** The indexes that they read, those of functions, triggers and key checks among them. */
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
  const sweep = { problems: [] as string[], explained: 0, tables: new Set<string>(), relations: new Set<string>() }
  for (const { text, file } of statements) {
    const read = readStatement(text, names)
    if (!read.has_plan || !read.touches) continue
    sweep.explained += 1
    const runs = await runsOf(benches.many, text, read)
    if (typeof runs === 'string') sweep.problems.push(`${file}: ${runs}\n  ${text}`)
    else
      for (const run of runs)
        for (const problem of await judge(benches, run, sweep)) sweep.problems.push(`${file}: ${problem}`)
  }
  return sweep
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

/**
 * As whom and with which values the server runs the statement; what it says when that is nobody. Work across agencies is
 * the background worker's first. A statement that reads is read by an owner too, who sees some rows only.
 */
async function runsOf(many: Bench, text: string, read: Given['read']): Promise<Given[] | string> {
  const { tenant, owner, system } = identitiesOn(many)
  const is_across = auditStatement(text, tenantTables).problems.length > 0
  const tries = (is_across ? [system, tenant] : [tenant, system]).flatMap((by) =>
    Array.from({ length: attempts }, (_, attempt) => ({ text, read, by, attempt, mode: 'force_custom_plan' as const })),
  )
  let refusal: Refusal | undefined
  for (const given of tries) {
    // Other values do not help against anything but what a constraint refuses.
    if (refusal?.by === given.by && !refusal.code.startsWith('23')) continue
    const error = await explain(many, given).catch((reason: Error & { code?: string }) => reason)
    if (!(error instanceof Error))
      return [...modes.map((mode) => ({ ...given, mode })), ...asOwner(given, tenant, owner)]
    const { code = '', message } = error
    const said = refusal !== undefined && code === '42501' ? refusal.said : message
    refusal = { by: given.by, code, said }
  }
  return `could not be run: ${refusal?.said}`
}

interface Refusal {
  readonly by: Identity
  readonly code: string
  readonly said: string
}

function asOwner(given: Given, tenant: Identity, owner: Identity): Given[] {
  const is_read = /^select\b/i.test(given.text) && !/\bfor (no key )?(update|share)\b/i.test(given.text)
  return is_read && given.by === tenant ? [{ ...given, by: owner }] : []
}

async function judge(
  { few, many }: Benches,
  given: Given,
  { tables, relations }: { tables: Set<string>; relations: Set<string> },
): Promise<string[]> {
  const [small, large] = await Promise.all([explain(few, given), explain(many, given)])
  const keys = new Map(many.filled.map(({ table }) => [table.name, table.key]))
  const scans = scansOf(large.plan)
  for (const { table } of scans) tables.add(table)
  for (const name of large.readings.keys()) relations.add(name)
  const whole = scans.flatMap(({ table, index }) => (index === undefined ? [table] : []))
  const found = [
    ...scans.flatMap((scan) => reachOf(scan, keys, narrowIndexes) ?? []),
    ...hidden(large, whole),
    ...growth(small, large),
  ]
  const about = `${given.mode === 'force_generic_plan' ? 'generic' : 'custom'} plan, ${given.by.name}`
  return [...new Set(found)].map((what) => `${what} (${about})\n  ${given.text}\n${drawn(large.plan, 1)}`)
}

/** Read from end to end by a function, a trigger or a foreign key, where EXPLAIN does not look. */
function hidden({ readings }: Explained, seen: readonly string[]): string[] {
  return [...readings].flatMap(([name, { whole }]) =>
    whole > 0 && !seen.includes(name) ? [`sequential scan of ${name} in a function, a trigger or a key check`] : [],
  )
}

function growth(small: Explained, large: Explained): string[] {
  const is_same = shapeOf(small.plan) === shapeOf(large.plan)
  return [...large.readings].flatMap(([name, { pages }]) => {
    const before = small.readings.get(name)?.pages ?? 0
    const limit = Math.max(before * grown_factor + grown_pages, is_same ? 0 : looked_up_pages)
    return pages > limit ? [`${name}: ${before} pages beside few agencies, ${pages} beside many`] : []
  })
}
