// Background jobs: queued in the database (pg-boss), run by a worker in this or another process.
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { PgBoss } from 'pg-boss'
import manifest from 'pg-boss/package.json' with { type: 'json' }
import { translateError } from '../postgres/database-errors.ts'
import { createBoss, errorCode, type JobsConnection, ownerDb } from './boss.ts'
import {
  type JobData,
  type JobHandlers,
  type JobsOptions,
  newState,
  openBoss,
  queue_options,
  startOrRetry,
  stopWorker,
  wakePoller,
} from './worker.ts'

export interface Jobs {
  /** Resolves when the worker runs, or after `stop`. Never rejects: retries while the database is down. */
  start(handlers: JobHandlers): Promise<void>
  /** Waits 8 s for running jobs, then returns them to the queue. Resolves within 10 s; no timers remain. */
  stop(): Promise<void>
  /** Whether the worker is started and the statements of the queue succeed. */
  isWorking(): boolean
  /** Adds a job in its own transaction. Needs no running worker. Throws AppError. */
  enqueue(name: string, data: JobData): Promise<void>
  /** For tests: runs a handler given to `start` once, without a job. Throws what the handler throws. */
  runNow(name: string, data?: JobData): Promise<void>
}

export function createJobs(options: JobsOptions): Jobs {
  const state = newState(options)
  let starting = Promise.resolve()
  let sender: Promise<PgBoss> | undefined

  return {
    start(handlers) {
      state.handlers = handlers
      starting = startOrRetry(state)
      return starting
    },
    stop: () => stopWorker(state, starting),
    isWorking: () => state.boss !== undefined && !state.stopping.signal.aborted && !state.outage.isActive(),
    async enqueue(name, data) {
      requireIds(data)
      sender ??= openBoss(state, { supervise: false, schedule: false })
      await send(await sender, name, data)
      wakePoller(state, name)
    },
    async runNow(name, data = {}) {
      const handler = state.handlers[name]
      if (handler === undefined) throw new Error(`there is no job ${name}`)
      await handler.run(data, state.stopping.signal)
    },
  }
}

function requireIds(data: JobData): void {
  const wrong = Object.entries(data).find(([, value]) => !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value))
  if (wrong !== undefined) throw new Error(`job data must hold ids only: ${wrong[0]} is not an id`)
}

/** Creates the queue when it does not exist, so that a job can be sent before a worker has ever run. */
async function send(sender: PgBoss, name: string, data: JobData): Promise<void> {
  try {
    await sender.send(name, data).catch(async (error: unknown) => {
      if (errorCode(error) !== 'PGBOSS_QUEUE_NOT_FOUND') throw error
      await sender.createQueue(name, queue_options)
      await sender.send(name, data)
    })
  } catch (error) {
    throw translateError(error) ?? error
  }
}

/** One query text, so one transaction. Locks because concurrent GRANTs on one table fail. */
const privileges = `
  select pg_advisory_xact_lock(hashtext('privileges on pgboss'));
  revoke all on schema pgboss from public, roost_tenant;
  revoke all on all tables in schema pgboss from public, roost_tenant;
  revoke all on all sequences in schema pgboss from public, roost_tenant;
  revoke all on all functions in schema pgboss from public, roost_tenant;
  grant usage on schema pgboss to roost_system;
  grant select, insert, update, delete on all tables in schema pgboss to roost_system;
  grant usage on all sequences in schema pgboss to roost_system;
  grant execute on all functions in schema pgboss to roost_system`

/**
 * Updates the schema `pgboss` to the version that this pg-boss needs, and grants it to roost_system only. `connection` is
 * the schema owner's. Run it after the migrations, which create the roles. Takes a few milliseconds when nothing has
 * changed. Several processes may run it at once.
 */
export async function installJobs(connection: JobsConnection): Promise<void> {
  if (!(await isCurrent(connection))) await updateSchema(connection)
  await connection.query(privileges)
}

async function isCurrent(connection: JobsConnection): Promise<boolean> {
  const found = await connection.query("select to_regclass('pgboss.bam') is not null as is_there")
  if (found.rows[0]?.is_there !== true) return false
  const { rows } = await connection.query(
    "select version, exists (select from pgboss.bam where status <> 'completed') as is_unfinished from pgboss.version",
  )
  return rows[0]?.version === manifest.pgboss.schema && rows[0].is_unfinished === false
}

/** pg-boss builds some indexes CONCURRENTLY after the update's transaction. A later run completes interrupted builds. */
async function updateSchema(connection: JobsConnection): Promise<void> {
  const failures: string[] = []
  const options = { migrate: true, createSchema: true, supervise: false, schedule: false }
  const boss = await createBoss({ ...options, db: ownerDb(connection) })
  boss.on('error', ({ message }) => failures.push(message))
  try {
    await boss.start()
    await nextTurn() // the builds start in the next turn of the event loop
    while (boss.isBamWorking()) await delay(10)
  } finally {
    await boss.stop({ close: false })
  }
  if (failures.length > 0) throw new Error(`the schema pgboss could not be updated: ${failures.join('; ')}`)
}
