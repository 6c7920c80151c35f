// S17, S18, S19: the isolation test, the tenancy audit, and the mutations that the audit must detect.
import pg from 'pg'
import { auditTenancy } from '../../../src/core/tenancy/audit.ts'
import { checkTenantIsolation } from '../../../src/core/tenancy/isolation-check.ts'
import { ownerTx } from '../../../src/core/tenancy/owner-tx.ts'
import { openServerDatabase } from '../../../test/engines.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { mutations, mutationsOf } from '../../../test/tenancy/mutations.ts'
import { type Environment, withEnvironment } from '../environment/environment.ts'
import { database } from '../environment/seed.ts'
import { atLeast, atMost, exactly, injected, type Scenario } from '../scenario.ts'

/** Opens connections of the schema owner. */
function ownerOf({ cluster, defer }: Environment) {
  return {
    async connectOwner() {
      const client = new pg.Client({ connectionString: cluster.urlOf(database) })
      client.on('error', () => {})
      await client.connect()
      const release = () => client.end()
      defer(() => release().catch(() => {}))
      return { query: (text: string, values?: unknown[]) => client.query(text, values), release }
    },
  }
}

export const isolation: Scenario = {
  id: 'S17',
  title: 'Cross-tenant statements of every kind on every table as twelve identities',
  seconds: { full: 15, quick: 15 },
  run: () =>
    withEnvironment(async (environment) => {
      const connection = await ownerOf(environment).connectOwner()
      const began = performance.now()
      const { findings, statements, tables } = await checkTenantIsolation(connection)
      const ms = performance.now() - began
      return [
        injected('statements executed', statements, 3000),
        injected('tables', tables, tenantTables.size),
        exactly('violations of isolation', findings.length, 0),
        atMost('duration', ms / 1000, 5, ' s'),
      ]
    }),
}

export const audit: Scenario = {
  id: 'S18',
  title: 'The tenancy audit after all migrations, as the login role of the API',
  seconds: { full: 15, quick: 15 },
  run: () =>
    withEnvironment(async (environment) => {
      const db = openServerDatabase(environment.urlOn(), 1)
      environment.defer(() => db.close())
      const runAudit = () => db.systemRead((tx) => auditTenancy(tx, { is_embedded: false }))
      const { findings, rules, tables } = await runAudit()
      const times: number[] = []
      for (let round = 0; round < 20; round += 1) {
        const began = performance.now()
        await runAudit()
        times.push(performance.now() - began)
      }
      const median = times.toSorted((a, b) => a - b)[10] ?? Number.NaN
      return [
        injected('rules', rules, 30),
        injected('tables', tables, tenantTables.size),
        exactly('findings and warnings', findings.length, 0),
        atMost('median of 20 audits', median, 50, ' ms'),
      ]
    }),
}

export const mutation: Scenario = {
  id: 'S19',
  title: 'Schema mutations: the audit names each by the rule that it violates',
  seconds: { full: 30 },
  run: () =>
    withEnvironment(async (environment) => {
      const store = ownerOf(environment)
      const rulesAfter = (sql: string) =>
        ownerTx(store, async (tx) => {
          await tx.script(sql)
          return (await auditTenancy(tx, { is_embedded: false })).findings.map(({ rule }) => rule)
        })
      // The owner of the scorecard cluster is a superuser, which violates rule O08 only.
      const baseline = await rulesAfter('select 1')
      const all = [...mutations, ...[...tenantTables.keys()].flatMap(mutationsOf)]
      const missed: string[] = []
      for (const { name, rule, sql } of all) if (!(await rulesAfter(sql)).includes(rule)) missed.push(`${rule} ${name}`)
      return [
        exactly('violated rules without a mutation', baseline.join(', '), 'O08'),
        atLeast('mutations', all.length, 35),
        exactly('mutations missed', missed.join('; ') || 'none', 'none'),
      ]
    }),
}
