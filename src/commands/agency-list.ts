// roost agency list: the agencies of the deployment.
import type { Command } from 'commander'
import sql from 'sql-template-tag'
import { listAgencies } from '../core/agency-list.ts'
import { operatorOf } from '../core/auth/actors.ts'
import type { Database } from '../core/postgres/database.ts'
import type { CommandContext } from './context.ts'
import { printTable } from './print-table.ts'

interface AgencyRow {
  readonly slug: string
  readonly name: string
  readonly currency: string
  readonly time_zone: string
  readonly properties: number
  readonly members: number
  readonly created_at: string
}

export function registerAgencyList(agency: Command, context: CommandContext): void {
  agency
    .command('list')
    .description('List the agencies by slug, with the numbers of their properties and active members.')
    .option('--json', 'print JSON')
    .action((options: { readonly json?: true }) => list(context, options.json === true))
}

async function list(context: CommandContext, as_json: boolean): Promise<void> {
  const rows = await context.withStore(async ({ db }) => {
    const found: AgencyRow[] = []
    for (const { id } of await listAgencies(db)) found.push(...(await describe(db, id)))
    return found
  })
  if (as_json) context.print(JSON.stringify(rows, null, 2))
  else if (rows.length === 0) context.print('There are none: roost agency create')
  else printTable(context, ['slug', 'name', 'currency', 'time_zone', 'properties', 'members'], rows)
}

/** One row, or none when the agency was deleted meanwhile. */
function describe(db: Database, id: string): Promise<AgencyRow[]> {
  return db.tenantRead(operatorOf(id), (tx) =>
    tx.query<AgencyRow>(sql`
      select a.slug, a.name, a.currency, a.time_zone, a.created_at,
        (select count(*) from properties p where p.agency_id = ${tx.agency_id} and p.deleted_at is null)::int as properties,
        (select count(*) from team_members m where m.agency_id = ${tx.agency_id} and m.is_active)::int as members
      from agencies a where a.id = ${tx.agency_id}`),
  )
}
