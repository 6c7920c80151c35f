// The catalog compared with the tenant tables and the tickets. src/core/tenancy audits the rest.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sharedTables } from '../../src/core/tenancy/expected.ts'
import { openTestStore } from '../engines.ts'
import { tenantTables } from '../isolation/tables.ts'

const store = await openTestStore()
after(() => store.close())

async function names(text: string): Promise<string[]> {
  const { rows } = await store.owner.query(text)
  return rows.map((row) => Object.values(row).join(' '))
}

const tables = [...tenantTables.keys()].sort()

test('the list of tenant tables is the catalog without the exempt ones', async () => {
  const found = await names(
    "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')",
  )
  assert.deepEqual(found.filter((name) => !(name in sharedTables)).sort(), tables)
})

test('the tables of tickets P1-11 to P1-13 have the indexes and constraints of the tickets', async () => {
  const indexes = await names("select indexdef from pg_indexes where schemaname = 'public'")
  const has = (text: string) =>
    assert.ok(
      indexes.some((definition) => definition.includes(text)),
      text,
    )
  has('audit_log USING btree (agency_id, created_at DESC, id DESC)')
  has('idempotency_keys USING btree (expires_at)')
  has('UNIQUE INDEX idempotency_keys_pkey ON public.idempotency_keys USING btree (agency_id, actor_id, key)')
  has('UNIQUE INDEX agency_features_name_key ON public.agency_features USING btree (agency_id, feature_name)')
})
