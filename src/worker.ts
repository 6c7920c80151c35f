// Job name -> handler: what runs in the background, and the heartbeat that says it does.
import sql from 'sql-template-tag'
import { startSealing } from './core/events/sealer.ts'
import { purgeExpiredKeys } from './core/idempotency.ts'
import { createJobs } from './core/jobs/jobs.ts'
import type { JobData, JobHandlers } from './core/jobs/worker.ts'
import type { Logger } from './core/log.ts'
import type { Database } from './core/postgres/database.ts'
import { checkLedger } from './features/bookings/ledger-check.ts'
import { deleteExpiredNotes, expireHolds } from './features/holds/expiry.ts'
import { purgeSessions } from './features/team/sessions.ts'

export interface WorkerDeps {
  readonly db: Database
  readonly log: Logger
  readonly is_embedded: boolean
}

export interface Worker {
  /** Runs a job's handler once, here and now, without waiting for the queue; for tests. */
  runNow(name: string, data?: JobData): Promise<void>
  /** Returns within 10 s and leaves nothing behind. */
  stop(): Promise<void>
}

function handlersOf({ db, log }: WorkerDeps): JobHandlers {
  return {
    'idempotency-keys.purge': {
      cron: '*/5 * * * *',
      async run(_data, signal) {
        log.info({ purged: await purgeExpiredKeys(db, signal) }, 'expired idempotency keys deleted')
      },
    },
    'holds.expire': {
      cron: '* * * * *',
      async run(_data, signal) {
        log.info({ expired: await expireHolds(db, signal) }, 'expired holds removed from the ledger')
      },
    },
    'holds.notes': {
      cron: '7 * * * *',
      async run(_data, signal) {
        log.info({ cleared: await deleteExpiredNotes(db, signal) }, 'notes of expired holds deleted')
      },
    },
    'sessions.purge': {
      cron: '17 3 * * *',
      async run(_data, signal) {
        log.info({ purged: await purgeSessions(db, signal) }, 'sessions that ended long ago deleted')
      },
    },
    'booking.changed': {
      batch_size: 50,
      run: ({ agency_id = '', entity_id = '' }) => checkLedger(db, log, agency_id, entity_id),
    },
  }
}

/** Starts background work and returns at once; while the database is down it waits for it and beats no heart. */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const jobs = createJobs(deps)
  const heartbeat = createHeartbeat(deps, jobs.isWorking)
  const sealing = startSealing(deps.db, deps.log, jobs.isWorking)
  void jobs.start(handlersOf(deps)).then(heartbeat.beat)
  return {
    runNow: (name, data) => jobs.runNow(name, data),
    async stop() {
      await Promise.all([heartbeat.stop(), sealing.stop()])
      await jobs.stop()
    },
  }
}

const beat_ms = 10_000

/** A worker that cannot work is not alive: no beat then. A failed beat is logged once per outage. */
function createHeartbeat({ db, log }: WorkerDeps, isWorking: () => boolean) {
  let beating = Promise.resolve()
  let is_failing = false

  async function write(): Promise<void> {
    try {
      await db.systemTx((tx) =>
        tx.query(sql`
          insert into app.heartbeats (name, beat_at) values ('worker', now())
          on conflict (name) do update set beat_at = now()`),
      )
      is_failing = false
    } catch (error) {
      if (!is_failing) log.error({ error: (error as Error).message }, 'the worker could not write its heartbeat')
      is_failing = true
    }
  }

  function beat(): Promise<void> {
    if (isWorking()) beating = beating.then(write)
    return beating
  }

  const timer = setInterval(beat, beat_ms).unref()
  return {
    beat,
    async stop() {
      clearInterval(timer)
      await beating
    },
  }
}
