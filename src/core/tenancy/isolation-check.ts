// The isolation check: runs attack cases between two test agencies and rolls everything back.
import {
  type AttackCase,
  buildExistenceCases,
  buildReadCases,
  buildReferenceCases,
  buildUnfilteredCases,
  buildWriteCases,
  keyCondition,
} from './attack-cases.ts'
import type { TenancyFinding } from './audit.ts'
import { roles } from './expected.ts'
import {
  type AgencyFixture,
  buildIdentities,
  createAgencyFixture,
  type Identity,
  runInSavepoint,
  setIdentity,
} from './fixtures.ts'
import { isShared, type Row, readTables, type SqlConnection, type Table } from './sample-rows.ts'

export interface IsolationReport {
  readonly tables: number
  /** Number of identities that ran the statements. */
  readonly identities: number
  /** Number of statements, each of which had to fail or return no rows. */
  readonly statements: number
  readonly findings: TenancyFinding[]
}

interface Run {
  readonly connection: SqlConnection
  readonly tables: readonly Table[]
  readonly findings: TenancyFinding[]
  statements: number
}

/** The rules of the isolation check, in addition to those of the audit. */
export const isolationRules = {
  L01: 'no statement reads rows of another agency',
  L02: 'no statement inserts or changes rows of another agency',
  L03: "no row can reference another agency's rows, and no result reveals that an id is used there",
  L04: 'without claims, and with an unknown role, no rows are readable',
  L05: "the agency's own rows are readable; otherwise the check would be meaningless",
} as const

export interface IsolationOptions {
  /** Checks these tables only. All by default. */
  readonly only?: readonly string[]
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Runs in one transaction of the schema owner that is always rolled back, so it is safe in production. It takes a few
 * seconds and locks only its own rows. Throws when it cannot create its rows.
 */
export async function checkTenantIsolation(
  connection: SqlConnection,
  options: IsolationOptions = {},
): Promise<IsolationReport> {
  await connection.query('begin')
  try {
    await connection.query("set local lock_timeout = '2s'; set local statement_timeout = '10s'")
    await connection.query("select set_config('search_path', 'pg_catalog', true), set_config('jit', 'off', true)")
    const run: Run = { connection, tables: await readTables(connection), findings: [], statements: 0 }
    return await checkTables(run, options)
  } finally {
    await connection.query('rollback')
  }
}

async function checkTables(run: Run, { only, onProgress }: IsolationOptions): Promise<IsolationReport> {
  const { connection, tables, findings } = run
  const [a, b] = [await createAgencyFixture(connection, tables), await createAgencyFixture(connection, tables)]
  const before = await computeChecksum(run, b)
  const identities = buildIdentities(a, b)
  const wanted = tables.filter(({ name }) => only?.includes(name) ?? true)
  for (const [n, table] of wanted.entries()) {
    for (const identity of identities) await checkTable(run, table, identity, a, b)
    onProgress?.(n + 1, wanted.length)
  }
  if ((await computeChecksum(run, b)) !== before)
    addFinding(run, 'L02', 'all tables', 'rows of the other agency have changed')
  return { tables: wanted.length, identities: identities.length, statements: run.statements, findings }
}

async function checkTable(
  run: Run,
  table: Table,
  identity: Identity,
  a: AgencyFixture,
  b: AgencyFixture,
): Promise<void> {
  const [own, other] = [a.rows.get(table.name)?.row ?? {}, b.rows.get(table.name)?.row ?? {}]
  const foreign = new Map([...b.rows].map(([name, { row }]) => [name, row]))
  await setIdentity(run.connection, identity)
  const where = `${table.name} as ${identity.name}`
  for (const attack of [...buildReadCases(table, other), ...buildUnfilteredCases(table, other)])
    await requireEmpty(run, where, attack)
  for (const attack of buildWriteCases(table, own, other)) await requireFailure(run, 'L02', where, attack)
  for (const attack of buildReferenceCases(table, own, foreign)) await requireFailure(run, 'L03', where, attack)
  await requireEqualResults(run, where, table, own, other)
  if (identity.own !== undefined && !isShared(table)) await checkOwnRow(run, table, identity, own)
}

async function requireEmpty(run: Run, where: string, attack: AttackCase): Promise<void> {
  const result = await execute(run, attack)
  if (typeof result === 'string' ? !attack.sqlstates.includes(result) : result > 0)
    addFinding(
      run,
      'L01',
      where,
      `${attack.name}: ${typeof result === 'string' ? `failed with ${result}` : `${result} rows`}`,
    )
}

async function requireFailure(run: Run, rule: 'L02' | 'L03', where: string, attack: AttackCase): Promise<void> {
  const result = await execute(run, attack)
  // An UPDATE that matches no own row changes nothing.
  if (result === 0 && attack.name === 'move') return
  if (typeof result !== 'string' || !attack.sqlstates.includes(result))
    addFinding(
      run,
      rule,
      where,
      `${attack.name}: ${typeof result === 'string' ? `failed with ${result}` : 'succeeded'}`,
    )
}

/** The insert may succeed or fail, depending on the role, but not depending on rows of another agency. */
async function requireEqualResults(run: Run, where: string, table: Table, own: Row, other: Row): Promise<void> {
  const pair = buildExistenceCases(table, own, other)
  if (pair === undefined) return
  const [taken, free] = [await execute(run, pair.taken), await execute(run, pair.free)]
  if (taken !== free) addFinding(run, 'L03', where, `an id that the other agency uses: ${taken}; an unused id: ${free}`)
}

async function checkOwnRow(run: Run, table: Table, { name, own }: Identity, row: Row): Promise<void> {
  const { where, values } = keyCondition(table, row)
  const text = `select 1 from public.${table.name} t where ${where}`
  const result = await execute(run, { name: 'own row', text, values, sqlstates: [] })
  if (own === 'none' && typeof result === 'number' && result > 0)
    addFinding(run, 'L04', `${table.name} as ${name}`, 'can read a row')
  if (own === 'all' && result !== 1 && !(await isUnreadable(run, table)))
    addFinding(run, 'L05', `${table.name} as ${name}`, 'cannot read the row of its own agency')
}

/** A table that the tenant role cannot select from. */
async function isUnreadable({ connection }: Run, { name }: Table): Promise<boolean> {
  const { rows } = await connection.query('select has_table_privilege($1, $2::regclass, $3) as may', [
    roles.tenant,
    `public.${name}`,
    'select',
  ])
  return rows[0]?.may !== true
}

function execute(run: Run, { text, values }: AttackCase): Promise<number | string> {
  run.statements += 1
  return runInSavepoint(run.connection, { text, values }, false)
}

/** A checksum of the rows of an agency, each read by the identity that created it. */
async function computeChecksum({ connection, tables }: Run, agency: AgencyFixture): Promise<string> {
  const sums: unknown[] = []
  for (const table of tables) {
    const fixture = agency.rows.get(table.name)
    if (fixture === undefined) continue
    await setIdentity(connection, fixture.by)
    const { where, values } = keyCondition(table, fixture.row)
    const { rows } = await connection.query(`select md5(t::text) as sum from public.${table.name} t where ${where}`, [
      ...values,
    ])
    sums.push(rows[0]?.sum)
  }
  await setIdentity(connection)
  return JSON.stringify(sums)
}

function addFinding({ findings }: Run, rule: keyof typeof isolationRules, object: string, message: string): void {
  findings.push({ rule, severity: 'error', object, message })
}
