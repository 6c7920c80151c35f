// Streams of changes: begin, resume, end, limits, and slow readers.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { silent } from '../../../test/engines.ts'
import { openEventStream } from '../../../test/event-stream.ts'
import { type Agency, cast } from '../../../test/harness.ts'
import { must, stay } from '../../../test/steps.ts'
import { until } from '../../../test/until.ts'
import { operatorOf } from '../../core/auth/actors.ts'
import { sealAudit } from '../../core/events/sealer.ts'
import { createHub } from './hub.ts'
import { createStream, max_buffered_bytes } from './stream.ts'

const fixture = await cast()
const { app, store, tokens } = fixture
const address = await app.listen({ port: 0, host: '127.0.0.1' })
let month = 0

type Name = 'admin' | 'manager' | 'staff' | 'owner' | 'otherOwner' | 'outsider'

/** A fresh agency, so that streams and numbers of one test do not concern the others. */
async function setup() {
  const agency = await fixture.newAgency()
  const tokenOf = async (name: Name, lifetime_s?: number) =>
    (await tokens.issue({ user_id: agency.players[name].user_id }, lifetime_s)).token
  return {
    agency,
    tokenOf,
    open: async (name: Name, query = '', headers = {}, lifetime_s?: number) =>
      openEventStream(`${address}/api/v1/changes${query}`, await tokenOf(name, lifetime_s), headers),
    book: (property: keyof Agency['castProperties'] = 'lake') => book(agency, property),
  }
}

/** Books and seals; returns the id. */
async function book(agency: Agency, property: keyof Agency['castProperties']): Promise<string> {
  month += 1
  const day = new Date(Date.UTC(2031, month, 1)).toISOString().slice(0, 10)
  const { body } = must(201, await agency.staff.post('bookings', stay(agency.castProperties[property].id, day)))
  await sealAudit(store.db)
  return body.id
}

test('a stream begins with headers and a comment, then sends what changes from now on', async () => {
  const { open, book } = await setup()
  await book()
  const stream = await open('staff')
  assert.equal(stream.status, 200)
  assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/)
  assert.equal(stream.headers.get('cache-control'), 'no-store')
  await until(() => stream.text().startsWith(': connected\nretry: 2000\n\n'))
  assert.deepEqual(stream.changes(), [])
  const id = await book()
  const [change] = await stream.take(1)
  assert.deepEqual([change?.id, change?.type, change?.entity_id, change?.version], [2, 'booking.created', id, 1])
  assert.equal(stream.lastId(), '2')
  stream.close()
})

test('a stream resumes after the last id, or after `after`, without gap and without repetition', async () => {
  const { open, book } = await setup()
  for (let n = 0; n < 3; n += 1) await book()
  const resumed = [
    await open('manager', '?after=0', { 'last-event-id': '1' }),
    await open('manager', '?after=1'),
    // The owner's is read with the owner's rights.
    await open('owner', '?after=1'),
  ]
  for (let n = 0; n < 3; n += 1) await book()
  for (const stream of resumed) {
    const changes = await stream.take(5)
    assert.deepEqual(
      changes.map(({ id }) => id),
      [2, 3, 4, 5, 6],
    )
    stream.close()
  }
})

test('more changes than a batch arrive complete and in order', async () => {
  const { agency, open } = await setup()
  const streams = [await open('staff'), await open('staff', '?after=0'), await open('owner')]
  await store.owner.query(
    `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id, property_id)
     select $1, gen_random_uuid(), 'operator', 'booking.made', 'booking', gen_random_uuid(), $2 from generate_series(1, 1000)`,
    [agency.north, agency.castProperties.lake.id],
  )
  await sealAudit(store.db)
  for (const stream of streams) {
    const changes = await stream.take(1000)
    assert.deepEqual(
      changes.map(({ id }) => id),
      Array.from({ length: 1000 }, (_, n) => n + 1),
    )
    stream.close()
  }
})

test('owners get changes of their own properties only, also when a property changes its owner', async () => {
  const { agency, open, book } = await setup()
  const { admin, castProperties: properties } = agency
  const [stream, other] = [await open('owner'), await open('otherOwner')]
  const first = await book('lake')
  await book('town')
  await stream.take(1)
  must(200, await admin.patch(`properties/${properties.lake.id}`, { owner_id: agency.players.otherOwner.user_id }))
  const second = await book('lake')
  const got = await other.take(2)
  assert.deepEqual(
    got.map(({ entity_id }) => entity_id),
    [properties.lake.id, second],
  )
  assert.deepEqual(
    stream.changes().map(({ entity_id }) => entity_id),
    [first],
  )
  stream.close()
  other.close()
})

test("nothing of another agency's is in a stream", async () => {
  const { agency, open, book } = await setup()
  const stream = await open('outsider')
  await book()
  must(200, await agency.outsider.patch(`properties/${agency.castProperties.beach.id}`, { city: 'Beach' }))
  await sealAudit(store.db)
  const [change] = await stream.take(1)
  assert.deepEqual([change?.id, change?.entity_id], [1, agency.castProperties.beach.id])
  stream.close()
})

test('a stream ends when its token expires', async () => {
  const { open } = await setup()
  const stream = await open('staff', '', {}, 1)
  await stream.ended
  assert.match(stream.text(), /: the token has expired\n\n$/)
})

test('a stream ends when the membership ends or the role changes', async () => {
  const { agency, open } = await setup()
  const [left, promoted] = [await open('staff'), await open('manager')]
  must(204, await agency.admin.delete(`team/${agency.players.staff.user_id}`))
  must(200, await agency.admin.patch(`team/${agency.players.manager.user_id}`, { role: 'staff' }))
  await Promise.all([left.ended, promoted.ended])
  for (const stream of [left, promoted]) assert.match(stream.text(), /: the membership has changed\n\n$/)
})

test('a sixth stream of one person in an agency is refused, until one is closed', async () => {
  const { open } = await setup()
  const streams = await Promise.all(Array.from({ length: 5 }, () => open('staff')))
  const refused = await open('staff')
  await refused.ended
  assert.equal(refused.status, 429)
  assert.equal(refused.headers.get('retry-after'), '30')
  const { error } = JSON.parse(refused.text())
  assert.deepEqual([error.code, /5 open streams/.test(error.message)], ['RATE_LIMITED', true])
  const other = await open('manager')
  assert.equal(other.status, 200)
  streams[0]?.close()
  await until(async () => {
    const again = await open('staff')
    again.close()
    return again.status === 200
  })
  for (const stream of [...streams, other]) stream.close()
})

test('HEAD opens no stream', async () => {
  const { tokenOf } = await setup()
  const headers = { accept: 'text/event-stream', authorization: `Bearer ${await tokenOf('staff')}` }
  for (let n = 0; n < 7; n += 1) {
    const { status } = await fetch(`${address}/api/v1/changes`, { method: 'HEAD', headers })
    assert.equal(status, 200)
  }
})

test('a client that does not read fills a bounded buffer, and gets everything when it reads', async () => {
  const { agency } = await setup()
  const count = 3000
  await store.owner.query(
    `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id)
     select $1, gen_random_uuid(), 'operator', 'booking.made', 'booking', gen_random_uuid() from generate_series(1, $2)`,
    [agency.north, count],
  )
  await sealAudit(store.db)
  const hub = createHub(store.db, silent)
  const actor = operatorOf(agency.north)
  const [unread, live] = [createStream(actor, 0), createStream(actor, count)]
  for (const stream of [unread, live]) hub.add(stream, count)
  await until(() => unread.body.readableLength >= max_buffered_bytes)
  await book(agency, 'lake')
  await until(() => live.position === count + 1)
  assert.ok(unread.body.readableLength < 2 * max_buffered_bytes, `${unread.body.readableLength} bytes`)
  let text = ''
  for await (const chunk of unread.body) {
    text += chunk
    if (text.includes(`id: ${count + 1}\n`)) break
  }
  assert.equal(text.match(/^data: /gm)?.length, count + 1)
  live.body.destroy()
})

test('streams reserve little of the memory for responses', async () => {
  const { open } = await setup()
  const before = app.responseMemory().bytes
  const streams = await Promise.all([open('staff'), open('staff'), open('manager')])
  assert.ok(app.responseMemory().bytes - before <= 3 * 80 * 1024)
  for (const stream of streams) stream.close()
  await until(() => app.responseMemory().bytes <= before)
})

test('when the service stops, its streams end', async () => {
  const { open } = await setup()
  const stream = await open('staff')
  await app.close()
  await stream.ended
  assert.match(stream.text(), /: the service is stopping\n\n$/)
})
