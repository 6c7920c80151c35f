// S32: several processes run `roost migrate up` on a new database at the same time.
import { withConnection } from '../environment/connect.ts'
import { withEnvironment } from '../environment/environment.ts'
import { runRoost } from '../environment/roost-command.ts'
import { exactly, injected, type Scenario } from '../scenario.ts'

export const concurrentMigrations: Scenario = {
  id: 'S32',
  title: '20 processes run `roost migrate up` on a new database concurrently',
  seconds: { full: 40 },
  run: (size) =>
    withEnvironment(async ({ cluster, env }) => {
      const runners = size === 'full' ? 20 : 6
      await withConnection(cluster.urlOf('postgres'), (client) => client.query('create database fresh'))
      const url = cluster.urlOf('fresh')
      const urls = { ...env, DATABASE_URL: url, MIGRATION_DATABASE_URL: url }
      const runs = await Promise.all(Array.from({ length: runners }, () => runRoost(['migrate', 'up'], urls)))
      const outcomes = runs.map(({ code, stdout, stderr }) => ({ code, output: stdout + stderr }))
      const files = outcomes.reduce((sum, { output }) => sum + (output.match(/^applied /gm)?.length ?? 0), 0)
      const ledger = await withConnection(url, (client) =>
        client.query('select count(*)::int as n from supabase_migrations.schema_migrations'),
      )
      return [
        injected('processes that ended', outcomes.length, runners),
        exactly('exit codes other than 0', outcomes.filter(({ code }) => code !== 0).length, 0),
        exactly(
          'processes that applied migrations',
          outcomes.filter(({ output }) => /^applied /m.test(output)).length,
          1,
        ),
        exactly('processes that found nothing to apply', countMatches(outcomes, 'Nothing to apply'), runners - 1),
        exactly('migrations applied', files, Number(ledger.rows[0]?.n)),
      ]
    }),
}

const countMatches = (outcomes: readonly { output: string }[], text: string) =>
  outcomes.filter(({ output }) => output.includes(text)).length
