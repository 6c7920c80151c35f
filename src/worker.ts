// The background jobs and the subscribers of events of all features, and the worker's heartbeat.
import sql from 'sql-template-tag'
import { createRelay } from './core/events/relay.ts'
import { sealEveryAgency, startSealing } from './core/events/sealer.ts'
import { purgeExpiredKeys } from './core/idempotency.ts'
import { createJobs } from './core/jobs/jobs.ts'
import type { JobData, JobHandlers } from './core/jobs/worker.ts'
import type { Logger } from './core/log.ts'
import type { Mail } from './core/mail/mail.ts'
import { purgeMail } from './core/mail/outbox.ts'
import { startMailSender } from './core/mail/sender.ts'
import type { MailTransport } from './core/mail/transport.ts'
import type { MediaStore } from './core/media/media.ts'
import type { Database } from './core/postgres/database.ts'
import { features } from './features.ts'

export interface WorkerDeps {
  readonly db: Database
  readonly log: Logger
  readonly is_embedded: boolean
  readonly media: MediaStore
  /** Undefined when no e-mails are sent. */
  readonly mailing?: { readonly mail: Mail; readonly transport: MailTransport } | undefined
}

export interface Worker {
  /** For tests: runs the handler of a job once, without the queue. */
  runNow(name: string, data?: JobData): Promise<void>
  /** Resolves within 10 s; no timers remain. */
  stop(): Promise<void>
}

function createHandlers(deps: WorkerDeps): JobHandlers {
  return Object.assign(coreJobs(deps), ...features.map(({ jobs }) => jobs?.(deps)))
}

function coreJobs({ db, log }: WorkerDeps): JobHandlers {
  return {
    'idempotency-keys.purge': {
      cron: '*/5 * * * *',
      async run(_data, signal) {
        log.info({ purged: await purgeExpiredKeys(db, signal) }, 'expired idempotency keys deleted')
      },
    },
    'mail.purge': {
      cron: '*/5 * * * *',
      async run(_data, signal) {
        log.info({ purged: await purgeMail(db, signal) }, 'old e-mails deleted')
      },
    },
    'audit-log.seal': {
      cron: '29 2 * * *',
      async run(_data, signal) {
        const sealed = await sealEveryAgency(db, () => {}, signal)
        if (sealed > 0) log.warn({ sealed }, 'entries of the audit log sealed that the worker had missed')
      },
    },
  }
}

/** Starts background jobs and returns at once. While the database is down it retries and writes no heartbeat. */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const jobs = createJobs(deps)
  const heartbeat = createHeartbeat(deps, jobs.isWorking)
  const { db, log } = deps
  const subscribers = features.flatMap((feature) => feature.subscribers?.({ ...deps, enqueue: jobs.enqueue }) ?? [])
  const relay = createRelay({ db, log, subscribers, lanes: deps.is_embedded ? 1 : 2 })
  const sealing = startSealing({ db, log, isWorking: jobs.isWorking, onSealed: relay.offer })
  const templates = Object.assign({}, ...features.map(({ mails }) => mails))
  const sender = deps.mailing && startMailSender({ db, log, templates, ...deps.mailing }, jobs.isWorking)
  void jobs.start(createHandlers(deps)).then(() => {
    if (jobs.isWorking()) relay.start()
    return heartbeat.beat()
  })
  return {
    runNow: (name, data) => jobs.runNow(name, data),
    async stop() {
      await Promise.all([heartbeat.stop(), sealing.stop(), relay.stop(), sender?.stop()])
      await jobs.stop()
    },
  }
}

const heartbeat_interval_ms = 10_000

/** Writes the heartbeat while jobs run. Only the first of consecutive failures is logged. */
function createHeartbeat({ db, log }: WorkerDeps, isWorking: () => boolean) {
  let pending = Promise.resolve()
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
      if (!is_failing) log.error({ error: (error as Error).message }, 'writing the worker heartbeat failed')
      is_failing = true
    }
  }

  function beat(): Promise<void> {
    if (isWorking()) pending = pending.then(write)
    return pending
  }

  const timer = setInterval(beat, heartbeat_interval_ms).unref()
  return {
    beat,
    async stop() {
      clearInterval(timer)
      await pending
    },
  }
}
