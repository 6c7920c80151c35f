// The tenant tables with their agency column. A sweep compares this list with the catalog.
import { agencyTable } from '../../src/core/tenancy/expected.ts'
import { features } from '../../src/features.ts'

const coreTables = ['actors', 'audit_log', 'audit_seals', 'event_cursors', 'event_dead_letters', 'idempotency_keys']

export const tenantTables: ReadonlyMap<string, string> = new Map(
  [...features.flatMap(({ tables }) => tables ?? []), ...coreTables].map((table) => [
    table,
    table === agencyTable ? 'id' : 'agency_id',
  ]),
)
