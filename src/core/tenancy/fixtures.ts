// Who takes part in the proof: two agencies with a row in every table, and everybody who tries something at the other one.
import { randomUUID } from 'node:crypto'
import { insert, type Probe } from './attack-cases.ts'
import { roles } from './expected.ts'
import { candidates, type ProofConnection, type Row, type Table } from './sample-rows.ts'

export interface Identity {
  readonly name: string
  readonly role: string
  readonly claims: object | ''
  /** What it may see of its own agency's rows in a table; unset: nobody asks. */
  readonly own?: 'all' | 'none'
}

export interface Made {
  readonly row: Row
  readonly by: Identity
}

/** One of the two agencies: its id and its row in each table. */
export interface Side {
  readonly agency_id: string
  readonly user_id: string
  readonly rows: Map<string, Made>
}

/** The roles of agency `a`, nobody, and those who claim to be somebody else. */
export function identitiesOf(a: Side, b: Side): Identity[] {
  const { tenant, system } = roles
  const of = (app_role: string, own?: 'all' | 'none', more: object = {}): Identity => ({
    name: app_role,
    role: tenant,
    claims: { sub: a.user_id, agency_id: a.agency_id, app_role, ...more },
    ...(own !== undefined && { own }),
  })
  const metadata = { agency_id: b.agency_id, app_role: 'admin' }
  return [
    { name: 'nobody', role: tenant, claims: '', own: 'none' },
    { name: 'claims without an agency', role: tenant, claims: { sub: a.user_id, app_role: 'admin' }, own: 'none' },
    of('operator', 'all'),
    ...['admin', 'manager', 'staff', 'owner', 'accountant'].map((role) => of(role)),
    of('superadmin', 'none'),
    { ...of('staff', undefined, { user_metadata: metadata }), name: 'staff with user_metadata of the other agency' },
    {
      ...of('admin', undefined, { agencies: [b.agency_id], agency: b.agency_id }),
      name: 'admin with claims we do not know',
    },
    { name: 'the system role', role: system, claims: '', own: 'none' },
  ]
}

/** Makes an agency with a row in every table, each by the first identity that may and the first values that pass. */
export async function populate(connection: ProofConnection, tables: readonly Table[]): Promise<Side> {
  const side: Side = { agency_id: randomUUID(), user_id: randomUUID(), rows: new Map() }
  const claims = { agency_id: side.agency_id, app_role: 'operator' }
  const makers: Identity[] = [
    { name: 'operator', role: roles.tenant, claims: { ...claims, sub: side.user_id } },
    { name: 'operator without a person', role: roles.tenant, claims },
    { name: 'definer', role: roles.definer, claims: '' },
  ]
  for (const table of tables) {
    const made = new Map([...side.rows].map(([name, { row }]) => [name, row]))
    await become(connection)
    const tries = (await candidates(connection, table, made)).map((row) => withIds(table, row, side))
    side.rows.set(table.name, await firstThatWorks(connection, table, tries, makers))
  }
  return side
}

/** The agency's own row and the person's have the ids that the claims name. */
function withIds(table: Table, row: Row, { agency_id, user_id }: Side): Row {
  if (table.name === 'users') return { ...row, id: user_id }
  return table.key === null ? row : { ...row, [table.key]: agency_id }
}

async function firstThatWorks(
  connection: ProofConnection,
  table: Table,
  tries: Row[],
  makers: Identity[],
): Promise<Made> {
  let last = ''
  for (const by of makers) {
    for (const row of tries) {
      await become(connection, by)
      const { text, values } = insert(table, row)
      const refused = await attempt(connection, { text, values }, true)
      if (typeof refused !== 'string') return { row, by }
      last = refused
    }
  }
  throw new Error(`no row could be made for ${table.name}: ${last}`)
}

/** The number of rows, or the SQLSTATE of the refusal. What it did is kept only when asked for. */
export async function attempt(
  connection: ProofConnection,
  { text, values }: Pick<Probe, 'text' | 'values'>,
  keep: boolean,
): Promise<number | string> {
  await connection.query('savepoint probe')
  let outcome: number | string
  try {
    const result = await (values.length > 0 ? connection.query(text, [...values]) : connection.query(text))
    outcome = [result].flat().reduce((sum, one) => sum + countOf(one), 0)
  } catch (error) {
    outcome = (error as { code?: string }).code ?? String(error)
  }
  await connection.query(
    keep && typeof outcome === 'number' ? 'release savepoint probe' : 'rollback to savepoint probe',
  )
  return outcome
}

/** COPY brings no rows that the driver keeps, but says how many there were. */
function countOf(result: { rows: unknown[]; rowCount?: number | null; command?: string }): number {
  return result.command === 'COPY' ? (result.rowCount ?? 0) : result.rows.length
}

/** Without an identity: the owner again. */
export async function become(connection: ProofConnection, identity?: Identity): Promise<void> {
  const claims = identity === undefined || identity.claims === '' ? '' : JSON.stringify(identity.claims)
  await connection.query(
    "select pg_catalog.set_config('role', $1, true), pg_catalog.set_config('request.jwt.claims', $2, true)",
    [identity?.role ?? 'none', claims],
  )
}
