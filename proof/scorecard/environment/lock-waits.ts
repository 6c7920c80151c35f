// Counts database sessions that wait for a lock.
import type { Environment } from './environment.ts'

export async function countLockWaits({ owner }: Pick<Environment, 'owner'>): Promise<number> {
  const { rows } = await owner.query(
    "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
  )
  return Number(rows[0]?.n)
}
