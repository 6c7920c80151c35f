// Whether what the server calls saved survives a crash: its settings, as this role meets them.
import { setTimeout as delay } from 'node:timers/promises'
import sql from 'sql-template-tag'
import type { Database } from './database.ts'

const sentences: Readonly<Record<string, string>> = {
  fsync: 'fsync is off: a crash of the machine may destroy the database.',
  full_page_writes: 'full_page_writes is off: a crash of the machine may destroy the database.',
  synchronous_commit: 'synchronous_commit is off: a crash of the server may lose what was just saved.',
}

const budget_ms = 500

/** A sentence for every setting that is off; none when the database does not answer within 500 ms. */
export async function durabilityWarnings(db: Database): Promise<string[]> {
  const unknown = delay(budget_ms, [], { ref: false })
  return Promise.race([weakSettings(db).catch(() => []), unknown])
}

async function weakSettings(db: Database): Promise<string[]> {
  const weak = await db.systemRead((tx) =>
    tx.query<{ name: string }>(sql`
      select name from unnest(${Object.keys(sentences)}::text[]) as name
      where current_setting(name) = 'off' order by name`),
  )
  return weak.map(({ name }) => sentences[name] ?? name)
}
