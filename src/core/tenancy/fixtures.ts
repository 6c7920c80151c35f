// The fixtures of the isolation check: two agencies with a row in every table, and the identities.
import { randomUUID } from 'node:crypto'
import { type AttackCase, insertStatement } from './attack-cases.ts'
import { roles } from './expected.ts'
import { buildCandidateRows, type Row, type SqlConnection, type Table } from './sample-rows.ts'

export interface Identity {
  readonly name: string
  readonly role: string
  readonly claims: object | ''
  /** Whether it can read the rows of its own agency. Not checked when unset. */
  readonly own?: 'all' | 'none'
}

interface FixtureRow {
  readonly row: Row
  readonly by: Identity
}

/** One of the two agencies and its row in each table. */
export interface AgencyFixture {
  readonly agency_id: string
  readonly user_id: string
  readonly rows: Map<string, FixtureRow>
}

/** All roles of agency `a`, missing and incomplete claims, unknown roles, forged claims, and the system role. */
export function buildIdentities(a: AgencyFixture, b: AgencyFixture): Identity[] {
  const { tenant, system } = roles
  const of = (app_role: string, own?: 'all' | 'none', more: object = {}): Identity => ({
    name: app_role,
    role: tenant,
    claims: { sub: a.user_id, agency_id: a.agency_id, app_role, ...more },
    ...(own !== undefined && { own }),
  })
  const metadata = { agency_id: b.agency_id, app_role: 'admin' }
  return [
    { name: 'no claims', role: tenant, claims: '', own: 'none' },
    { name: 'claims without an agency', role: tenant, claims: { sub: a.user_id, app_role: 'admin' }, own: 'none' },
    of('operator', 'all'),
    ...['admin', 'manager', 'staff', 'owner', 'accountant'].map((role) => of(role)),
    of('superadmin', 'none'),
    { ...of('staff', undefined, { user_metadata: metadata }), name: 'staff with user_metadata of the other agency' },
    {
      ...of('admin', undefined, { agencies: [b.agency_id], agency: b.agency_id }),
      name: 'admin with unknown claims',
    },
    { name: 'the system role', role: system, claims: '', own: 'none' },
  ]
}

/** Creates an agency with a row in every table. Tries several identities and candidate rows for each table. */
export async function createAgencyFixture(connection: SqlConnection, tables: readonly Table[]): Promise<AgencyFixture> {
  const agency: AgencyFixture = { agency_id: randomUUID(), user_id: randomUUID(), rows: new Map() }
  const claims = { agency_id: agency.agency_id, app_role: 'operator' }
  const creators: Identity[] = [
    { name: 'operator', role: roles.tenant, claims: { ...claims, sub: agency.user_id } },
    { name: 'operator without a user', role: roles.tenant, claims },
    { name: 'definer', role: roles.definer, claims: '' },
  ]
  for (const table of tables) {
    const existing_rows = new Map([...agency.rows].map(([name, { row }]) => [name, row]))
    await setIdentity(connection)
    const rows_to_try = (await buildCandidateRows(connection, table, existing_rows)).map((row) =>
      withIds(table, row, agency),
    )
    agency.rows.set(table.name, await insertFirstAccepted(connection, table, rows_to_try, creators))
  }
  return agency
}

/** Sets the ids of the agency and the user, which the claims refer to. */
function withIds(table: Table, row: Row, { agency_id, user_id }: AgencyFixture): Row {
  if (table.name === 'users') return { ...row, id: user_id }
  if (table.name === 'actors') return { ...row, agency_id, id: user_id }
  return table.key === null ? row : { ...row, [table.key]: agency_id }
}

async function insertFirstAccepted(
  connection: SqlConnection,
  table: Table,
  rows_to_try: Row[],
  creators: Identity[],
): Promise<FixtureRow> {
  let last_error = ''
  for (const by of creators) {
    for (const row of rows_to_try) {
      await setIdentity(connection, by)
      const { text, values } = insertStatement(table, row)
      const result = await runInSavepoint(connection, { text, values }, true)
      if (typeof result !== 'string') return { row, by }
      last_error = result
    }
  }
  throw new Error(`could not create a row of ${table.name}: ${last_error}`)
}

/** Returns the number of rows, or the SQLSTATE. Rolls back unless `keep` is set. */
export async function runInSavepoint(
  connection: SqlConnection,
  { text, values }: Pick<AttackCase, 'text' | 'values'>,
  keep: boolean,
): Promise<number | string> {
  await connection.query('savepoint attack')
  let outcome: number | string
  try {
    const result = await (values.length > 0 ? connection.query(text, [...values]) : connection.query(text))
    outcome = [result].flat().reduce((sum, one) => sum + countRows(one), 0)
  } catch (error) {
    outcome = (error as { code?: string }).code ?? String(error)
  }
  await connection.query(
    keep && typeof outcome === 'number' ? 'release savepoint attack' : 'rollback to savepoint attack',
  )
  return outcome
}

/** The driver returns no rows for COPY, only their number. */
function countRows(result: { rows: unknown[]; rowCount?: number | null; command?: string }): number {
  return result.command === 'COPY' ? (result.rowCount ?? 0) : result.rows.length
}

/** Sets role and claims for the transaction. Without an identity: the owner. */
export async function setIdentity(connection: SqlConnection, identity?: Identity): Promise<void> {
  const claims = identity === undefined || identity.claims === '' ? '' : JSON.stringify(identity.claims)
  await connection.query(
    "select pg_catalog.set_config('role', $1, true), pg_catalog.set_config('request.jwt.claims', $2, true)",
    [identity?.role ?? 'none', claims],
  )
}
