// S31, S32: migrations go up, down and up again under load; twenty runners start at once.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { createMigrator, type Migrator } from '../../../src/core/migrations/migrations.ts'
import { root } from '../../../src/store.ts'
import { describe, keyedBookings } from '../environment/bookings.ts'
import { ownFolder } from '../environment/cluster.ts'
import { onServer } from '../environment/connect.ts'
import { rowChecksums, schemaDump } from '../environment/dump.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { database } from '../environment/seed.ts'
import { isGood, kindsOf, settled, steadyLoad, timesOf } from '../environment/steady.ts'
import { atMost, exactly, fired, type Measure, told } from '../scenario.ts'

/** What a release may bring to the tables everybody uses; each can be undone. Version -> up, down. */
const changes: Readonly<Record<string, readonly [up: string, down: string]>> = {
  '29990101000000_a_column': [
    "alter table bookings add column scorecard_note text not null default '';",
    'alter table bookings drop column scorecard_note;',
  ],
  '29990101000100_an_index': [
    '-- roost: no-transaction\ncreate index concurrently if not exists scorecard_idx on bookings (agency_id, total_cents);',
    'drop index scorecard_idx;',
  ],
  '29990101000200_a_check': [
    'alter table properties add constraint scorecard_check check (max_guests > 0) not valid;\nalter table properties validate constraint scorecard_check;',
    'alter table properties drop constraint scorecard_check;',
  ],
}

export const migrationsUnderLoad: Measure = {
  id: 'S31',
  title: 'Migrations up, down and up again under 150 requests a second and beside long readers',
  seconds: { full: 60 },
  run: (size) =>
    withStage(async (stage) => {
      const url = stage.cluster.urlOf(database)
      const api = await stage.serve()
      const token = await stage.token('staff')
      const before = keyedBookings({ address: () => api.address, token, keys: 200 })
      await before.done
      const checksums = rowChecksums(stage, ['bookings', 'properties', 'occupancies', 'audit_log'])
      const queries = await checksums.queries()
      const sums = await checksums.take(queries)
      const dump = await schemaDump(url)

      const lines: string[] = []
      const migrator = await migratorWith(url, (line) => lines.push(line))
      const load = steadyLoad({ address: api.address, token, rate: 150, writes_of_four: 1, first_stay: 1000 })
      const calm_ms = await settled(load, size)
      const reader = startReader(url)
      const from = performance.now()
      const rounds = size === 'full' ? 3 : 1
      const newest = (await migrator.status()).findLast(({ state }) => state === 'applied')?.version ?? ''
      let steps = 0
      let different = 0
      for (let round = 0; round < rounds; round += 1) {
        steps += (await migrator.up()).length
        const up = await schemaDump(url)
        steps += (await migrator.down({ to: newest })).length
        different += (await schemaDump(url)) === dump ? 0 : 1
        steps += (await migrator.up()).length
        different += (await schemaDump(url)) === up ? 0 : 1
        steps += (await migrator.down({ to: newest })).length
      }
      const to = performance.now()
      await reader.stop()
      const seen = await load.stop()
      const during = seen.filter(({ began, ended }) => ended > from && began < to)
      const kept = await checksums.take(queries)
      return [
        fired('migrations applied or undone under load', steps, 12 * rounds),
        fired('locks they did not get at once', lines.filter((line) => line.includes('a lock is not free')).length),
        fired('requests meanwhile', during.length, 50),
        exactly('requests that failed', seen.filter((one) => !isGood(one)).length, 0),
        atMost('longest stall', Math.max(...timesOf(during)), 300, ' ms'),
        exactly('schema dumps that differ', different, 0),
        exactly('tables whose rows changed', [...sums].filter(([table, sum]) => kept.get(table) !== sum).length, 0),
        exactly('the real migrations, all down and up again', await fullCircle(stage), 'same schema'),
        told('p99 before, ms', calm_ms),
        told('what clients were told', describe(kindsOf(seen))),
      ]
    }),
}

/** The real files and those above. */
async function migratorWith(url: string, log: (line: string) => void): Promise<Migrator> {
  const folder = await ownFolder('roost-migrations-')
  await cp(join(root, 'supabase'), folder, { recursive: true })
  for (const [name, [up, down]] of Object.entries(changes)) {
    await writeFile(join(folder, 'migrations', `${name}.sql`), up)
    await writeFile(join(folder, 'rollbacks', `${name}.sql`), down)
  }
  return migratorOn(url, folder, log)
}

function migratorOn(url: string, folder: string, log: (line: string) => void = () => {}): Migrator {
  return createMigrator({
    migrations_dir: join(folder, 'migrations'),
    rollbacks_dir: join(folder, 'rollbacks'),
    log,
    async connect() {
      const client = new pg.Client({ connectionString: url })
      client.on('error', () => {})
      await client.connect()
      return { query: (text, values) => client.query(text, values), release: () => client.end() }
    },
  })
}

/** Somebody's report: transactions of half a second that read both tables, so that a migration has to wait for locks. */
function startReader(url: string) {
  let is_over = false
  const reading = onServer(url, async (client) => {
    while (!is_over) {
      await client.query('begin')
      await client.query('select count(*) from bookings, pg_sleep(0.5)')
      await client.query('select count(*) from properties')
      await client.query('commit')
      await delay(150)
    }
  })
  return {
    async stop() {
      is_over = true
      await reading
    },
  }
}

/** A new database, all migrations up, all down, all up: its schema is the same as after the first time. */
async function fullCircle({ cluster }: Stage): Promise<string> {
  const url = cluster.urlOf('circle')
  await onServer(cluster.urlOf('postgres'), (client) => client.query('create database circle'))
  const migrator = migratorOn(url, join(root, 'supabase'))
  await migrator.up()
  const dump = await schemaDump(url)
  await migrator.down({ to: '0', accept_data_loss: true })
  await migrator.up()
  return (await schemaDump(url)) === dump ? 'same schema' : 'another schema'
}

export const migratorsAtOnce: Measure = {
  id: 'S32',
  title: '20 processes run `roost migrate up` on a new database at once',
  seconds: { full: 40 },
  run: (size) =>
    withStage(async ({ cluster, env }) => {
      const runners = size === 'full' ? 20 : 6
      await onServer(cluster.urlOf('postgres'), (client) => client.query('create database fresh'))
      const url = cluster.urlOf('fresh')
      const outcomes = await Promise.all(Array.from({ length: runners }, () => migrateUp(url, env)))
      const files = outcomes.reduce((sum, { output }) => sum + (output.match(/^applied /gm)?.length ?? 0), 0)
      const ledger = await onServer(url, (client) =>
        client.query('select count(*)::int as n from supabase_migrations.schema_migrations'),
      )
      return [
        fired('runners that ended', outcomes.length, runners),
        exactly('exit codes other than 0', outcomes.filter(({ code }) => code !== 0).length, 0),
        exactly('runners that applied something', outcomes.filter(({ output }) => /^applied /m.test(output)).length, 1),
        exactly('runners that found nothing to do', count(outcomes, 'Nothing to apply'), runners - 1),
        exactly('migrations applied', files, Number(ledger.rows[0]?.n)),
      ]
    }),
}

const count = (outcomes: readonly { output: string }[], text: string) =>
  outcomes.filter(({ output }) => output.includes(text)).length

async function migrateUp(url: string, env: Readonly<Record<string, string>>) {
  const { PATH, HOME, TMPDIR } = process.env
  const child = spawn(process.execPath, ['--import', './bin/require-node.mjs', 'src/main.ts', 'migrate', 'up'], {
    cwd: root,
    env: { PATH, HOME, TMPDIR, ...env, DATABASE_URL: url, MIGRATION_DATABASE_URL: url } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const [code] = await once(child, 'close')
  return { code, output }
}
