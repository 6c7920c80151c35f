// Plants a mark in every free-text field of every operation, forgets every guest, and looks for the marks everywhere.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Find, lookAtAnswers, lookIntoCursors, lookIntoTables, placesFor, replayAll } from '../erasure/search.ts'
import { agencyTexts, forgetEverybody, openStory, plantEverywhere, type Story, type World } from '../erasure/story.ts'
import { cast } from '../harness.ts'
import { tenantTables } from '../isolation/tables.ts'
import { recordingLog } from '../recording-log.ts'

const recording = recordingLog()
const stage = await cast({ log: recording.log })
const world: World = {
  ask: (who, method, path, body, headers) => stage[who ?? 'anonymous'].request(method as 'GET', path, body, headers),
  rows: async (text) => (await stage.store.owner.query(text)).rows,
}

let story: Story
/** What was found before anybody was forgotten, by kind of place: the search finds what is there. */
let planted: readonly Find[] = []
let inCursors: readonly Find[] = []

before(async () => {
  story = await openStory(world)
  await plantEverywhere(story)
  // What the planner remembers of values is made now, while they are there.
  await stage.store.owner.query('analyze')
  const places = placesFor(story)
  await lookIntoTables(world, places)
  await lookAtAnswers(story, places)
  planted = places.finds
  const cursors = placesFor(story)
  assert.ok((await lookIntoCursors(story, cursors)) > 20)
  inCursors = cursors.finds
  assert.ok((await forgetEverybody(story)) >= 10)
})

/** `place: fields`, for a message that says what is left where. */
function summary(finds: readonly Find[]): string[] {
  const byPlace = Map.groupBy(finds, ({ place }) => place)
  return [...byPlace].map(([place, found]) => `${place}: ${[...new Set(found.map(({ field }) => field))].join(', ')}`)
}

test('before the erasure the search finds what was planted, in tables and in answers', () => {
  const places = new Set(planted.map(({ place }) => place))
  for (const place of ['table public.guests', 'table public.holds', 'table public.idempotency_keys']) {
    assert.ok(places.has(place), place)
  }
  for (const place of ['GET /guests as staff', 'GET /bookings/:id as manager', 'GET /holds as admin']) {
    assert.ok(places.has(place), place)
  }
  assert.ok(story.guestMarks().length > 60)
})

test('every field that keeps its text after an erasure exists and says why', () => {
  const fields = new Set(story.marks.all.map(({ field }) => field))
  assert.deepEqual(
    Object.keys(agencyTexts).filter((field) => !fields.has(field)),
    [],
  )
})

test('no cursor carries a name', () => assert.deepEqual(summary(inCursors), []))

test('a forgotten guest is in no table, and in nothing the planner keeps', async () => {
  const places = placesFor(story)
  assert.ok((await lookIntoTables(world, places)) > tenantTables.size)
  assert.deepEqual(summary(places.finds), [])
})

test('a forgotten guest is in no answer to anybody', async () => {
  const places = placesFor(story)
  assert.ok((await lookAtAnswers(story, places)) > 100)
  assert.deepEqual(summary(places.finds), [])
})

test('a forgotten guest is in no replay, and no replay does anything', async () => {
  const places = placesFor(story)
  const before = await checksum()
  const answers = await replayAll(story, places)
  assert.deepEqual(summary(places.finds), [])
  assert.equal(await checksum(), before)
  assert.ok(answers.filter(({ status }) => status === 410).length > 20)
})

test('a guest is in no line of the log', () => {
  const places = placesFor(story)
  assert.ok(recording.lines.length > 200)
  for (const line of recording.lines) places.look(`log line of ${line.route}`, JSON.stringify(line))
  assert.deepEqual(summary(places.finds), [])
})

/** Over every tenant row but the keys themselves. */
async function checksum(): Promise<string> {
  const tables = [...tenantTables.keys()].filter((table) => table !== 'idempotency_keys')
  const parts = tables.map(
    (table) => `select md5(coalesce(string_agg(x::text, '|' order by x::text), '')) as sum from ${table} x`,
  )
  return JSON.stringify(await world.rows(parts.join(' union all ')))
}
