// Sealing of the audit log: every two seconds the worker ties what is new to the chain of its agency.
import sql from 'sql-template-tag'
import type { Logger } from '../log.ts'
import type { Database } from '../postgres/database.ts'

const every_ms = 2000
const batch_size = 1000

/** Seals what is there and returns how many rows it was. Two at once: the second finds nothing to do. */
export async function sealAudit(db: Database): Promise<number> {
  let sealed = 0
  for (let count = batch_size; count === batch_size; sealed += count) {
    const row = await db.systemTx((tx) => tx.one<{ count: number }>(sql`select app.seal_audit(${batch_size}) as count`))
    count = row.count
  }
  return sealed
}

export interface Sealing {
  /** Lets a run that is on finish. */
  stop(): Promise<void>
}

/** Seals every two seconds while the worker works; a failure is logged once per outage. */
export function startSealing(db: Database, log: Logger, isWorking: () => boolean): Sealing {
  let running = Promise.resolve()
  let is_busy = false
  let is_failing = false

  async function run(): Promise<void> {
    is_busy = true
    try {
      await sealAudit(db)
      is_failing = false
    } catch (error) {
      if (!is_failing) log.error({ error: (error as Error).message }, 'the audit log could not be sealed')
      is_failing = true
    } finally {
      is_busy = false
    }
  }

  const timer = setInterval(() => {
    if (!is_busy && isWorking()) running = run()
  }, every_ms).unref()
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
