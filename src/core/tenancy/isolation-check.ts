// The behavioural proof: two agencies with a row in every table, everything tried between them, everything rolled back.

import { byPrimaryKey, oracle, type Probe, reads, references, unfiltered, writes } from './attack-cases.ts'
import type { TenancyFinding } from './audit.ts'
import { roles } from './expected.ts'
import { attempt, become, type Identity, identitiesOf, populate, type Side } from './fixtures.ts'
import { isShared, type ProofConnection, type Row, readTables, type Table } from './sample-rows.ts'

export interface Proof {
  readonly tables: number
  /** Who tried: no claims, each role of the one agency, the system role and so on. */
  readonly identities: number
  /** Statements that had to be refused or come back empty. */
  readonly probes: number
  readonly findings: TenancyFinding[]
}

interface Proving {
  readonly connection: ProofConnection
  readonly tables: readonly Table[]
  readonly findings: TenancyFinding[]
  probes: number
}

/** What the proof says, as rules beside those of the audit. */
export const proofRules = {
  L01: "another agency's rows are not seen, by any statement",
  L02: 'nothing can be put into another agency, and nothing there can be changed',
  L03: "no row can refer to another agency's, and no answer tells that its id is taken",
  L04: 'without claims, and with a role nobody has, there is nothing to see',
  L05: "the agency's own rows are there to be seen: otherwise the proof would prove nothing",
} as const

export interface ProofOptions {
  /** Tries these tables only; all of them when left out. */
  readonly only?: readonly string[]
  readonly onProgress?: (done: number, all: number) => void
}

/**
 * Runs in one transaction of the schema's owner, which is always rolled back, so it may run on production: it takes a few
 * seconds and locks no row that anybody else has. Throws when it cannot make its rows; that proves nothing either way.
 */
export async function proveTenancy(connection: ProofConnection, options: ProofOptions = {}): Promise<Proof> {
  await connection.query('begin')
  try {
    await connection.query("set local lock_timeout = '2s'; set local statement_timeout = '10s'")
    await connection.query("select set_config('search_path', 'pg_catalog', true), set_config('jit', 'off', true)")
    const proving: Proving = { connection, tables: await readTables(connection), findings: [], probes: 0 }
    return await prove(proving, options)
  } finally {
    await connection.query('rollback')
  }
}

async function prove(proving: Proving, { only, onProgress }: ProofOptions): Promise<Proof> {
  const { connection, tables, findings } = proving
  const [a, b] = [await populate(connection, tables), await populate(connection, tables)]
  const before = await sumOf(proving, b)
  const identities = identitiesOf(a, b)
  const wanted = tables.filter(({ name }) => only?.includes(name) ?? true)
  for (const [n, table] of wanted.entries()) {
    for (const identity of identities) await tryTable(proving, table, identity, a, b)
    onProgress?.(n + 1, wanted.length)
  }
  if ((await sumOf(proving, b)) !== before)
    report(proving, 'L02', 'all tables', 'rows of the other agency have changed')
  return { tables: wanted.length, identities: identities.length, probes: proving.probes, findings }
}

async function tryTable(proving: Proving, table: Table, identity: Identity, a: Side, b: Side): Promise<void> {
  const [own, other] = [a.rows.get(table.name)?.row ?? {}, b.rows.get(table.name)?.row ?? {}]
  const foreign = new Map([...b.rows].map(([name, { row }]) => [name, row]))
  await become(proving.connection, identity)
  const where = `${table.name} as ${identity.name}`
  for (const probe of [...reads(table, other), ...unfiltered(table, other)]) await mustBeEmpty(proving, where, probe)
  for (const probe of writes(table, own, other)) await mustFail(proving, 'L02', where, probe)
  for (const probe of references(table, own, foreign)) await mustFail(proving, 'L03', where, probe)
  await mustNotTell(proving, where, table, own, other)
  if (identity.own !== undefined && !isShared(table)) await ownRow(proving, table, identity, own)
}

async function mustBeEmpty(proving: Proving, where: string, probe: Probe): Promise<void> {
  const result = await run(proving, probe)
  if (typeof result === 'string' ? !probe.refusals.includes(result) : result > 0)
    report(
      proving,
      'L01',
      where,
      `${probe.name}: ${typeof result === 'string' ? `failed with ${result}` : `${result} rows`}`,
    )
}

async function mustFail(proving: Proving, rule: 'L02' | 'L03', where: string, probe: Probe): Promise<void> {
  const result = await run(proving, probe)
  // An UPDATE that finds none of one's own rows has changed nothing.
  if (result === 0 && probe.name === 'move') return
  if (typeof result !== 'string' || !probe.refusals.includes(result))
    report(proving, rule, where, `${probe.name}: ${typeof result === 'string' ? `failed with ${result}` : 'succeeded'}`)
}

/** Whether the insert works is the role's business; that the id is taken elsewhere is nobody's. */
async function mustNotTell(proving: Proving, where: string, table: Table, own: Row, other: Row): Promise<void> {
  const pair = oracle(table, own, other)
  if (pair === undefined) return
  const [taken, free] = [await run(proving, pair.taken), await run(proving, pair.free)]
  if (taken !== free) report(proving, 'L03', where, `an id the other agency uses: ${taken}; an id nobody uses: ${free}`)
}

async function ownRow(proving: Proving, table: Table, { name, own }: Identity, row: Row): Promise<void> {
  const { where, values } = byPrimaryKey(table, row)
  const text = `select 1 from public.${table.name} t where ${where}`
  const seen = await run(proving, { name: 'own row', text, values, refusals: [] })
  if (own === 'none' && typeof seen === 'number' && seen > 0)
    report(proving, 'L04', `${table.name} as ${name}`, 'sees a row')
  if (own === 'all' && seen !== 1 && !(await isPersonal(proving, table)))
    report(proving, 'L05', `${table.name} as ${name}`, 'does not see the row of its own agency')
}

/** A table whose rows are for single people, or that no request reads at all. */
async function isPersonal({ connection }: Proving, { name }: Table): Promise<boolean> {
  const { rows } = await connection.query('select has_table_privilege($1, $2::regclass, $3) as may', [
    roles.tenant,
    `public.${name}`,
    'select',
  ])
  return rows[0]?.may !== true
}

function run(proving: Proving, { text, values }: Probe): Promise<number | string> {
  proving.probes += 1
  return attempt(proving.connection, { text, values }, false)
}

/** A checksum over the rows of a side, each read by whoever made it. */
async function sumOf({ connection, tables }: Proving, side: Side): Promise<string> {
  const sums: unknown[] = []
  for (const table of tables) {
    const made = side.rows.get(table.name)
    if (made === undefined) continue
    await become(connection, made.by)
    const { where, values } = byPrimaryKey(table, made.row)
    const { rows } = await connection.query(`select md5(t::text) as sum from public.${table.name} t where ${where}`, [
      ...values,
    ])
    sums.push(rows[0]?.sum)
  }
  await become(connection)
  return JSON.stringify(sums)
}

function report({ findings }: Proving, rule: keyof typeof proofRules, object: string, message: string): void {
  findings.push({ rule, severity: 'error', object, message })
}
