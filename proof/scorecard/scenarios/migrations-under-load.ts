// S31: migrations are applied, rolled back and applied again under load.
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { createMigrator, type Migrator } from '../../../src/core/migrations/migrations.ts'
import { root } from '../../../src/store.ts'
import { createFolder } from '../environment/cluster.ts'
import { withConnection } from '../environment/connect.ts'
import { dumpSchema, rowChecksums } from '../environment/dump.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { formatCounts, startKeyedBookings } from '../environment/keyed-bookings.ts'
import { database } from '../environment/seed.ts'
import { countByKind, durationsOf, isSuccess, startSteadyLoad, waitUntilSteady } from '../environment/steady-load.ts'
import { atMost, exactly, info, injected, type Scenario } from '../scenario.ts'

/** Typical migrations of the busiest tables. Version -> [up, down]. */
const test_migrations: Readonly<Record<string, readonly [up: string, down: string]>> = {
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

export const migrationsUnderLoad: Scenario = {
  id: 'S31',
  title: 'Migrations up, down and up again under 150 requests per second and long transactions',
  seconds: { full: 60 },
  run: (size) =>
    withEnvironment(async (environment) => {
      const url = environment.cluster.urlOf(database)
      const api = await environment.serve()
      const token = await environment.token('staff')
      const before = startKeyedBookings({ address: () => api.address, token, keys: 200 })
      await before.done
      const checksums = rowChecksums(environment, ['bookings', 'properties', 'occupancies', 'audit_log'])
      const queries = await checksums.queries()
      const sums = await checksums.take(queries)
      const dump = await dumpSchema(url)

      const lines: string[] = []
      const migrator = await migratorWith(url, (line) => lines.push(line))
      const load = startSteadyLoad({ address: api.address, token, rate: 150, writes_of_four: 1, first_stay: 1000 })
      const baseline_p99_ms = await waitUntilSteady(load, size)
      const reader = startLongReader(url)
      const from = performance.now()
      const rounds = size === 'full' ? 3 : 1
      const newest = (await migrator.status()).findLast(({ state }) => state === 'applied')?.version ?? ''
      let steps = 0
      let different = 0
      for (let round = 0; round < rounds; round += 1) {
        steps += (await migrator.up()).length
        const up = await dumpSchema(url)
        steps += (await migrator.down({ to: newest })).length
        different += (await dumpSchema(url)) === dump ? 0 : 1
        steps += (await migrator.up()).length
        different += (await dumpSchema(url)) === up ? 0 : 1
        steps += (await migrator.down({ to: newest })).length
      }
      const to = performance.now()
      await reader.stop()
      const observations = await load.stop()
      const during = observations.filter(({ began, ended }) => ended > from && began < to)
      const sums_after = await checksums.take(queries)
      return [
        injected('migrations applied or rolled back under load', steps, 12 * rounds),
        injected(
          'lock timeouts of migrations',
          lines.filter((line) => line.includes('a lock is not available')).length,
        ),
        injected('requests during the migrations', during.length, 50),
        exactly('requests that failed', observations.filter((one) => !isSuccess(one)).length, 0),
        atMost('longest stall', Math.max(...durationsOf(during)), 300, ' ms'),
        exactly('schema dumps that differ', different, 0),
        exactly(
          'tables whose rows changed',
          [...sums].filter(([table, sum]) => sums_after.get(table) !== sum).length,
          0,
        ),
        exactly('schema after all real migrations down and up', await roundTrip(environment), 'same schema'),
        info('p99 before the migrations, ms', baseline_p99_ms),
        info('answers by kind', formatCounts(countByKind(observations))),
      ]
    }),
}

/** A migrator with the real migrations and the test migrations. */
async function migratorWith(url: string, log: (line: string) => void): Promise<Migrator> {
  const folder = await createFolder('roost-migrations-')
  await cp(join(root, 'supabase'), folder, { recursive: true })
  for (const [name, [up, down]] of Object.entries(test_migrations)) {
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

/** Runs transactions of half a second that read both tables, so that migrations have to wait for locks. */
function startLongReader(url: string) {
  let is_over = false
  const reading = withConnection(url, async (client) => {
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

/** Applies, rolls back and reapplies all migrations in a new database. Compares the schema after both applications. */
async function roundTrip({ cluster }: Environment): Promise<string> {
  const url = cluster.urlOf('round_trip')
  await withConnection(cluster.urlOf('postgres'), (client) => client.query('create database round_trip'))
  const migrator = migratorOn(url, join(root, 'supabase'))
  await migrator.up()
  const dump = await dumpSchema(url)
  await migrator.down({ to: '0', accept_data_loss: true })
  await migrator.up()
  return (await dumpSchema(url)) === dump ? 'same schema' : 'different schema'
}
