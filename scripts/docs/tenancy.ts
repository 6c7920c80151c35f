// Generates src/core/tenancy/manifest.json: the catalog after all migrations, for the tenancy audit.
import sql from 'sql-template-tag'
import { readMigrations } from '../../src/core/migrations/files.ts'
import { createBreaker } from '../../src/core/postgres/breaker.ts'
import { createDatabase } from '../../src/core/postgres/database.ts'
import { openEmbedded } from '../../src/core/postgres/embedded.ts'
import { readDefinitions } from '../../src/core/tenancy/manifest.ts'

export async function tenancyManifest(): Promise<string> {
  const { pool } = await openEmbedded()
  const files = await readMigrations('supabase/migrations', 'supabase/rollbacks')
  for (const { text } of files) await pool.query(text)
  const db = createDatabase({ pool, breaker: createBreaker({ probe: () => pool.query('select 1') }), prepared: false })
  const definitions = await db.systemTx((tx) => {
    tx.queue(sql`select set_config('search_path', 'pg_catalog', true)`)
    return readDefinitions(tx)
  })
  await db.close()
  return `${JSON.stringify({ schema_version: files.at(-1)?.version, ...definitions }, null, 2)}\n`
}
