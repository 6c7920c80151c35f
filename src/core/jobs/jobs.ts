// Background work: jobs wait in the database itself (pg-boss), a worker in this or another process runs them.
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import type { PgBoss } from 'pg-boss'
import manifest from 'pg-boss/package.json' with { type: 'json' }
import { events } from '../events/events.ts'
import { translate } from '../postgres/database-errors.ts'
import { codeOf, createBoss, type JobsConnection, ownerDb } from './boss.ts'
import {
  type JobData,
  type JobHandlers,
  type JobsOptions,
  newState,
  openBoss,
  queue_options,
  startOrRetry,
  stopWorker,
  wake,
} from './worker.ts'

export interface Jobs {
  /** Resolves when jobs are being worked on, or after `stop`. Never rejects: a database that is down is waited for. */
  start(handlers: JobHandlers): Promise<void>
  /** Lets running jobs finish for 8 s, then gives them back to the queue. Returns within 10 s and leaves nothing. */
  stop(): Promise<void>
  /** Whether jobs are really being worked on: started, and the queue's statements do not fail. */
  isWorking(): boolean
  /** Adds a job in a transaction of its own, whether or not a worker runs anywhere. Throws AppError. */
  enqueue(name: string, data: JobData): Promise<void>
  /** Runs a handler given to `start` once, here and now, without a job; for tests. Throws what the handler throws. */
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
    isWorking: () => state.boss !== undefined && !state.stopping.signal.aborted && !state.outage.isOn(),
    async enqueue(name, data) {
      refuseAllButIds(data)
      sender ??= openBoss(state, { supervise: false, schedule: false })
      await send(await sender, name, data)
      wake(state, name)
    },
    async runNow(name, data = {}) {
      const handler = state.handlers[name]
      if (handler === undefined) throw new Error(`there is no job ${name}`)
      await handler.run(data, state.stopping.signal)
    },
  }
}

function refuseAllButIds(data: JobData): void {
  const wrong = Object.entries(data).find(([, value]) => !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value))
  if (wrong !== undefined) throw new Error(`a job's data holds ids only, and ${wrong[0]} is none`)
}

/** A queue is made by whoever needs it first, so that no job depends on a worker having run before. */
async function send(sender: PgBoss, name: string, data: JobData): Promise<void> {
  try {
    await sender.send(name, data).catch(async (error: unknown) => {
      if (codeOf(error) !== 'PGBOSS_QUEUE_NOT_FOUND') throw error
      await sender.createQueue(name, queue_options)
      await sender.send(name, data)
    })
  } catch (error) {
    throw translate(error) ?? error
  }
}

/** One text, so one transaction. The lock: two sessions that grant on one table at once fail. */
const privileges = `
  select pg_advisory_xact_lock(hashtext('privileges on pgboss'));
  revoke all on schema pgboss from public, authenticated;
  revoke all on all tables in schema pgboss from public, authenticated;
  revoke all on all sequences in schema pgboss from public, authenticated;
  revoke all on all functions in schema pgboss from public, authenticated;
  grant usage on schema pgboss to roost_system;
  grant select, insert, update, delete on all tables in schema pgboss to roost_system;
  grant usage on all sequences in schema pgboss to roost_system;
  grant execute on all functions in schema pgboss to roost_system`

/**
 * Brings the schema `pgboss` to what this version of pg-boss needs, as its owner, and lets roost_system alone use it.
 * Run it after the migrations, which make the roles. Costs a few milliseconds when nothing changed; may run in several
 * processes at once.
 */
export async function installJobs(connection: JobsConnection): Promise<void> {
  if (!(await isCurrent(connection))) await updateSchema(connection)
  await connection.query(privileges)
  for (const event of events) {
    await connection.query('select pgboss.create_queue($1, $2)', [event, { policy: 'standard', ...queue_options }])
  }
}

async function isCurrent(connection: JobsConnection): Promise<boolean> {
  const found = await connection.query("select to_regclass('pgboss.bam') is not null as is_there")
  if (found.rows[0]?.is_there !== true) return false
  const { rows } = await connection.query(
    "select version, exists (select from pgboss.bam where status <> 'completed') as is_unfinished from pgboss.version",
  )
  return rows[0]?.version === manifest.pgboss.schema && rows[0].is_unfinished === false
}

/** After the transaction of an update come its CONCURRENTLY builds; what an interrupted run left, the next one builds. */
async function updateSchema(connection: JobsConnection): Promise<void> {
  const failures: string[] = []
  const options = { migrate: true, createSchema: true, supervise: false, schedule: false }
  const boss = await createBoss({ ...options, db: ownerDb(connection) })
  boss.on('error', ({ message }) => failures.push(message))
  try {
    await boss.start()
    await turn() // the builds begin in the next turn of the event loop
    while (boss.isBamWorking()) await delay(10)
  } finally {
    await boss.stop({ close: false })
  }
  if (failures.length > 0) throw new Error(`the schema pgboss could not be updated: ${failures.join('; ')}`)
}
