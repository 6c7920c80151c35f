// S17 to S19: what the database itself says about the isolation of agencies, what trying says, and whether either would notice.
import pg from 'pg'
import { auditTenancy } from '../../../src/core/tenancy/audit.ts'
import { proveTenancy } from '../../../src/core/tenancy/isolation-check.ts'
import { ownerTx } from '../../../src/core/tenancy/owner-tx.ts'
import { openServerDatabase } from '../../../test/engines.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { sabotages, sabotagesOf } from '../../../test/tenancy/sabotages.ts'
import { type Stage, withStage } from '../environment/environment.ts'
import { database } from '../environment/seed.ts'
import { atLeast, atMost, exactly, fired, type Measure } from '../scenario.ts'

/** A connection of the schema's owner. */
function ownerOf({ cluster, defer }: Stage) {
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

export const proof: Measure = {
  id: 'S17',
  title: 'Every table, every kind of statement, twelve identities: one agency tries at the other',
  seconds: { full: 15, quick: 15 },
  run: () =>
    withStage(async (stage) => {
      const connection = await ownerOf(stage).connectOwner()
      const began = performance.now()
      const { findings, probes, tables } = await proveTenancy(connection)
      const ms = performance.now() - began
      return [
        fired('statements tried', probes, 3000),
        fired('tables', tables, tenantTables.size),
        exactly('seen, changed or told', findings.length, 0),
        atMost('time', ms / 1000, 5, ' s'),
      ]
    }),
}

export const audit: Measure = {
  id: 'S18',
  title: 'The tenancy audit of a database as the migrations leave it, asked by the login of the API',
  seconds: { full: 15, quick: 15 },
  run: () =>
    withStage(async (stage) => {
      const db = openServerDatabase(stage.urlOn(), 1)
      stage.defer(() => db.close())
      const once = () => db.systemRead((tx) => auditTenancy(tx, { is_embedded: false }))
      const { findings, rules, tables } = await once()
      const times: number[] = []
      for (let round = 0; round < 20; round += 1) {
        const began = performance.now()
        await once()
        times.push(performance.now() - began)
      }
      const median = times.toSorted((a, b) => a - b)[10] ?? Number.NaN
      return [
        fired('rules', rules, 30),
        fired('tables', tables, tenantTables.size),
        exactly('findings and warnings', findings.length, 0),
        atMost('median of 20', median, 50, ' ms'),
      ]
    }),
}

export const mutation: Measure = {
  id: 'S19',
  title: 'The audit of the audit: each sabotage must be named by the rule it breaks',
  seconds: { full: 30 },
  run: () =>
    withStage(async (stage) => {
      const store = ownerOf(stage)
      const rulesAfter = (sql: string) =>
        ownerTx(store, async (tx) => {
          await tx.script(sql)
          return (await auditTenancy(tx, { is_embedded: false })).findings.map(({ rule }) => rule)
        })
      // The stage's owner is a superuser, which is rule O08's only business.
      const baseline = await rulesAfter('select 1')
      const all = [...sabotages, ...[...tenantTables.keys()].flatMap(sabotagesOf)]
      const missed: string[] = []
      for (const { name, rule, sql } of all) if (!(await rulesAfter(sql)).includes(rule)) missed.push(`${rule} ${name}`)
      return [
        exactly('without a sabotage', baseline.join(', '), 'O08'),
        atLeast('sabotages', all.length, 35),
        exactly('missed', missed.join('; ') || 'none', 'none'),
      ]
    }),
}
