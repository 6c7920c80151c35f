// Advisory locks of a transaction, held until it ends, and the keys of those that several places take.
import sql from 'sql-template-tag'
import type { SystemTx, Tx } from './transaction.ts'

/** The nights of a property. The id may be written in capitals. features/holds/expiry.ts makes the same key in SQL. */
export function propertyKey(tx: Tx, property_id: string): string {
  return `${tx.agency_id}/${property_id.toLowerCase()}`
}

/** Waits until the lock is free; see lock_timeout. */
export async function lock(tx: SystemTx, key: string): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`)
}

/** Takes all of them, always in one order, so that two transactions cannot deadlock. */
export async function lockAll(tx: SystemTx, keys: readonly string[]): Promise<void> {
  const sorted = [...new Set(keys)].sort()
  await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(k.key, 0)) from unnest(${sorted}::text[]) as k(key)`)
}

/** Takes the lock without waiting. False when another transaction holds it. */
export async function tryLock(tx: SystemTx, key: string): Promise<boolean> {
  const { is_locked } = await tx.one<{ is_locked: boolean }>(sql`
    select pg_try_advisory_xact_lock(hashtextextended(${key}, 0)) as is_locked`)
  return is_locked
}
