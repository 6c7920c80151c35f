// Seals the audit log: gives new entries their numbers in the hash chain of their agency, several times a second.
import { setTimeout as delay } from 'node:timers/promises'
import sql from 'sql-template-tag'
import { listAgencies } from '../agency-list.ts'
import { activity } from '../counters.ts'
import type { Logger } from '../log.ts'
import type { Database } from '../postgres/database.ts'

/** Pauses between runs: while there are new entries, and after ten seconds without any. */
const busy_ms = 200
const idle_ms = 500
const stay_busy_ms = 10_000
const batch_size = 5000
/** app.seal_audit cannot tell what is new: in its first run, and in a restored database. */
const unknown = -1

export type OnSealed = (agency_ids: readonly string[]) => void

/**
 * Seals all new entries and returns their number. Concurrent calls leave out agencies that another one is sealing.
 * `onSealed`: called after each commit with the agencies that have new seals.
 */
export async function sealAudit(db: Database, onSealed: OnSealed = () => {}): Promise<number> {
  let sealed = 0
  for (;;) {
    const { count, agency_ids } = await sealBatch(db)
    if (count === unknown) {
      const snapshot = await readSnapshot(db)
      sealed += await sealEveryAgency(db, onSealed)
      await db.systemTx((tx) => tx.query(sql`select app.seal_audit(0, null, ${snapshot}::pg_snapshot)`))
      continue
    }
    onSealed(agency_ids)
    sealed += count
    if (count < batch_size) return sealed
  }
}

/**
 * Seals every entry without a seal, agency by agency, and returns their number. Throws the reason of `signal` when it is
 * aborted. For what sealAudit cannot see: entries that were restored with the transaction ids of another server.
 */
export async function sealEveryAgency(db: Database, onSealed: OnSealed, signal?: AbortSignal): Promise<number> {
  let sealed = 0
  for (const { id } of await listAgencies(db)) {
    for (let count = batch_size; count === batch_size; sealed += count) {
      signal?.throwIfAborted()
      const batch = await sealBatch(db, id)
      count = batch.count
      onSealed(batch.agency_ids)
    }
  }
  return sealed
}

async function readSnapshot(db: Database): Promise<string> {
  const { snapshot } = await db.systemRead((tx) =>
    tx.one<{ snapshot: string }>(sql`select pg_current_snapshot()::text as snapshot`),
  )
  return snapshot
}

interface SealedBatch {
  readonly count: number
  readonly agency_ids: readonly string[]
}

async function sealBatch(db: Database, agency_id: string | null = null): Promise<SealedBatch> {
  const rows = await db.systemTx((tx) =>
    tx.query<{ agency: string; sealed: number }>(sql`
      select agency, sealed from app.seal_audit(${batch_size}, ${agency_id})`),
  )
  return {
    count: rows.reduce((sum, { sealed }) => sum + sealed, 0),
    agency_ids: rows.map(({ agency }) => agency),
  }
}

export interface Sealing {
  /** Waits for a run in progress. */
  stop(): Promise<void>
}

export interface SealingOptions {
  readonly db: Database
  readonly log: Logger
  /** False while jobs do not run, for example without the database. */
  readonly isWorking: () => boolean
  readonly onSealed: OnSealed
}

/** Seals several times a second. Only the first of consecutive failures is logged. */
export function startSealing({ db, log, isWorking, onSealed }: SealingOptions): Sealing {
  const stopping = new AbortController()
  const { signal } = stopping
  let is_failing = false

  async function seal(): Promise<number> {
    const began_at = performance.now()
    try {
      const sealed = await sealAudit(db, onSealed)
      activity.sealed_at = began_at
      is_failing = false
      return sealed
    } catch (error) {
      if (!is_failing) log.error({ error: (error as Error).message }, 'sealing the audit log failed')
      is_failing = true
      return 0
    }
  }

  async function run(): Promise<void> {
    let busy_until = 0
    while (!signal.aborted) {
      if (isWorking() && (await seal()) > 0) busy_until = performance.now() + stay_busy_ms
      const pause_ms = performance.now() < busy_until ? busy_ms : idle_ms
      await delay(pause_ms, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
