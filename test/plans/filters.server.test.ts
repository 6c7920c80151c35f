// Every filter of every list, alone and in pairs: an indexed one reads no more than its page.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { createBreaker } from '../../src/core/postgres/breaker.ts'
import { createDatabase, type Database } from '../../src/core/postgres/database.ts'
import { openServerPool, probeServer } from '../../src/core/postgres/pools.ts'
import type { ReadCost } from '../../src/core/postgres/read-cost.ts'
import { fillAgency, type List, listsOf, queryOf, rare } from '../big-agency.ts'
import { north } from '../cast.ts'
import { openTestStore, serverUrl } from '../engines.ts'
import { cast } from '../harness.ts'
import { drawn, type PlanNode } from './plan.ts'
import { quoted } from './values.ts'

/** A page of 50 rows with lookups of guest, property, person and seal in indexes of three levels each. */
const most_pages = 1000
const rows = { audit_log: 100_000, bookings: 100_000, others: 5000 }

interface Asked {
  readonly text: string
  readonly values: readonly unknown[]
}

/** The statements of the last request and their cost. Scans are not executed, nor anything while `is_dry`. */
let cost: ReadCost | undefined
let asked: Asked[] = []
let is_dry = false

const store = await openTestStore()
const url = store.url ?? ''
const listening = createDatabase({
  pool: openServerPool({ url, size: 2 }),
  breaker: createBreaker({ probe: () => probeServer(url) }),
  prepared: true,
  onStatement: (text, values) => asked.push({ text, values }),
})
after(() => listening.close())

const db: Database = {
  ...listening,
  tenantRead(actor, work, given = 'indexed') {
    cost = given
    asked = []
    return given === 'scan' || is_dry ? Promise.reject(new Error('not run')) : listening.tenantRead(actor, work, given)
  },
}
const fixture = await cast({ store: { ...store, db } })
const owner = new pg.Client({ connectionString: await urlOfOwner() })
// The connection is reset when the database is dropped.
owner.on('error', () => {})
await owner.connect()
after(() => owner.end())
await fillAgency(owner, rows)

async function urlOfOwner(): Promise<string> {
  const found = await store.owner.query('select current_database() as name')
  return Object.assign(new URL(serverUrl), { pathname: `/${found.rows[0]?.name}` }).href
}

const lists = listsOf((fixture.app as unknown as { swagger(): object }).swagger())
const listOf = (path: string) => lists.find((list) => list.path === path) as List

/** The declared cost of this query. */
async function costOf(path: string, as: 'admin' | 'owner' = 'admin'): Promise<ReadCost | undefined> {
  cost = undefined
  await fixture[as].get(`/api/v1${path}`)
  return cost
}

/** Why an indexed query reads more than its page, for the custom and the generic plan. */
async function problemsOf(path: string): Promise<string[]> {
  const { status, text } = await fixture.admin.get(`/api/v1${path}`)
  const [context, ...statements] = asked
  if (status !== 200 || context === undefined || statements.length === 0) return [`${path}: ${status} ${text}`]
  const problems: string[] = []
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    for (const statement of statements.filter((one) => one.text !== context.text)) {
      const plan = await planOf(context, statement, mode)
      const pages = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
      if (pages > most_pages) problems.push(`${path}: ${pages} pages (${mode})\n${drawn(plan, 1)}`)
    }
  }
  return problems
}

async function planOf(context: Asked, { text, values }: Asked, mode: string): Promise<PlanNode> {
  await owner.query('begin')
  try {
    await owner.query(context.text, [...context.values])
    await owner.query(`set local plan_cache_mode = ${mode}; set local jit = off; deallocate all`)
    await owner.query(`prepare given as ${text}`)
    const call = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`
    const {
      rows: [row],
    } = await owner.query(`explain (analyze, buffers, timing off, format json) execute given${call}`)
    return row['QUERY PLAN'][0].Plan
  } finally {
    await owner.query('rollback')
  }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  return quoted(Array.isArray(value) ? `{${value.map((one) => JSON.stringify(one)).join(',')}}` : String(value))
}

/** No filter, each filter, and each pair of filters. */
function setsOf({ filters }: List): string[][] {
  const pairs = filters.flatMap((one, n) => filters.slice(n + 1).map((other) => [one, other]))
  return [[], ...filters.map((one) => [one]), ...pairs]
}

for (const list of lists.filter(({ path }) => !path.endsWith('/export'))) {
  test(`${list.path}: what is declared as indexed reads one page, whatever the size of the agency`, async (t) => {
    const counts = { indexed: 0, scan: 0 }
    const problems: string[] = []
    for (const filters of setsOf(list)) {
      const path = queryOf(list, filters)
      const declared = await costOf(path)
      // Filters that exclude each other are refused before anything is read.
      if (
        declared === undefined ||
        (declared === 'indexed' && (await fixture.admin.get(`/api/v1${path}`)).status === 422)
      )
        continue
      counts[declared] += 1
      if (declared === 'indexed') problems.push(...(await problemsOf(path)))
    }
    t.diagnostic(`${counts.indexed} sets of filters are indexed, ${counts.scan} are scans`)
    assert.equal(problems.join('\n'), '')
    assert.ok(counts.indexed + counts.scan > 0)
  })
}

test('an export costs as much as its list', async (t) => {
  is_dry = true
  t.after(() => {
    is_dry = false
  })
  const exports = lists.filter(({ path }) => path.endsWith('/export'))
  assert.ok(exports.length >= 2)
  for (const one of exports) {
    const list = listOf(one.path.replace('/export', ''))
    for (const filters of setsOf(one))
      assert.equal(await costOf(queryOf(one, filters)), await costOf(queryOf(list, filters)), `${one.path} ${filters}`)
  }
})

test('unfiltered lists are indexed; for an owner, who sees few of many rows, they are scans', async () => {
  for (const path of ['/bookings', '/guests', '/properties', '/holds', '/audit-log'])
    assert.equal(await costOf(path), 'indexed', path)
  for (const path of ['/bookings', '/properties', `/availability/blocks?property_id=${rare.property_id}`])
    assert.equal(await costOf(path, 'owner'), 'scan', path)
})

test('a filter without an index that is declared as indexed is reported', async () => {
  const statement =
    'select b.id from bookings b where b.agency_id = $1 and b.status = $2 order by b.check_in desc limit 50'
  await fixture.admin.get('/api/v1/bookings')
  const [context] = asked
  assert.ok(context)
  const plan = await planOf(context, { text: statement, values: [north, 'no_show'] }, 'force_custom_plan')
  assert.ok((plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0) > most_pages, drawn(plan))
})
