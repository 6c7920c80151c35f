// Plants a value in every free-text field, anonymises every guest and searches for the values.
// One engine is enough: the tables are the same on both.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import {
  agencyTexts,
  anonymiseAllGuests,
  type ErasureScenario,
  openErasureScenario,
  plantEverywhere,
  type RunningService,
} from '../erasure/scenario.ts'
import {
  createSearch,
  type Finding,
  replayAll,
  searchCursors,
  searchResponses,
  searchTables,
} from '../erasure/search.ts'
import { cast } from '../harness.ts'
import { tenantTables } from '../isolation/tables.ts'
import { recordingLog } from '../recording-log.ts'

const recording = recordingLog()
const fixture = await cast({ log: recording.log })
const service: RunningService = {
  ask: (who, method, path, body, headers) => fixture[who ?? 'anonymous'].request(method as 'GET', path, body, headers),
  rows: async (text) => (await fixture.store.owner.query(text)).rows,
}

let scenario: ErasureScenario
/** What the search finds before the erasure: proves that it finds planted values. */
let planted: readonly Finding[] = []
let inCursors: readonly Finding[] = []

before(async () => {
  scenario = await openErasureScenario(service)
  await plantEverywhere(scenario)
  // Fills the planner's statistics while the values are there.
  await fixture.store.owner.query('analyze')
  const places = createSearch(scenario)
  await searchTables(service, places)
  await searchResponses(scenario, places)
  planted = places.findings
  const cursors = createSearch(scenario)
  assert.ok((await searchCursors(scenario, cursors)) > 20)
  inCursors = cursors.findings
  assert.ok((await anonymiseAllGuests(scenario)) >= 10)
})

/** `place: fields` for each place, for the assertion message. */
function summary(findings: readonly Finding[]): string[] {
  const byPlace = Map.groupBy(findings, ({ place }) => place)
  return [...byPlace].map(([place, found]) => `${place}: ${[...new Set(found.map(({ field }) => field))].join(', ')}`)
}

test('before the erasure the search finds planted values in tables and responses', () => {
  const places = new Set(planted.map(({ place }) => place))
  for (const place of ['table public.guests', 'table public.holds', 'table public.idempotency_keys']) {
    assert.ok(places.has(place), place)
  }
  for (const place of ['GET /guests as staff', 'GET /bookings/:id as manager', 'GET /holds as admin']) {
    assert.ok(places.has(place), place)
  }
  assert.ok(scenario.guestValues().length > 60)
})

test('every field that keeps its text after an erasure exists and has a reason', () => {
  const fields = new Set(scenario.planted.all.map(({ field }) => field))
  assert.deepEqual(
    Object.keys(agencyTexts).filter((field) => !fields.has(field)),
    [],
  )
})

test('no cursor carries a name', () => assert.deepEqual(summary(inCursors), []))

test('no table and no planner statistics hold an anonymised guest', async () => {
  const places = createSearch(scenario)
  assert.ok((await searchTables(service, places)) > tenantTables.size)
  assert.deepEqual(summary(places.findings), [])
})

test('no response holds an anonymised guest', async () => {
  const places = createSearch(scenario)
  assert.ok((await searchResponses(scenario, places)) > 100)
  assert.deepEqual(summary(places.findings), [])
})

test('no replay holds an anonymised guest or changes a row', async () => {
  const places = createSearch(scenario)
  const before = await checksum()
  const answers = await replayAll(scenario, places)
  assert.deepEqual(summary(places.findings), [])
  assert.equal(await checksum(), before)
  assert.ok(answers.filter(({ status }) => status === 410).length > 20)
})

test('no log line holds a guest', () => {
  const places = createSearch(scenario)
  assert.ok(recording.lines.length > 200)
  for (const line of recording.lines) places.inspect(`log line of ${line.route}`, JSON.stringify(line))
  assert.deepEqual(summary(places.findings), [])
})

/** Over every tenant table except idempotency_keys. */
async function checksum(): Promise<string> {
  const tables = [...tenantTables.keys()].filter((table) => table !== 'idempotency_keys')
  const parts = tables.map(
    (table) => `select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) as sum from ${table} x`,
  )
  return JSON.stringify(await service.rows(parts.join(' union all ')))
}
