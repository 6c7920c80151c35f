// The CSV export: page sizes, backpressure, one export per person and agency, and its release.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { before, beforeEach, test } from 'node:test'
import { north, players, south } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { askWithoutReading } from '../../../test/unread-socket.ts'
import { until } from '../../../test/until.ts'
import type { Database } from '../../core/postgres/database.ts'
import { ExportInProgressError } from '../../core/request-errors.ts'
import { createExportSlots } from '../../http/export-slots.ts'
import { exportAudit } from './export.ts'

const fixture = await cast()
const { admin, outsider, store, tokens, app } = fixture
/** A request at the start of its handler. */
const actor = {
  agency_id: north,
  id: players.admin.user_id,
  kind: 'person',
  role: 'admin',
  request_id: 'r',
  request: {
    verified_at: performance.now(),
    token_generation: 0,
    session_id: null,
    signal: new AbortController().signal,
  },
} as const
/** Entries of 8 kB to 48 kB each, as written before long texts were stored as digests: more than a connection buffers. */
const entries = 600

before(async () => {
  await app.listen({ port: 0, host: '127.0.0.1' })
  await store.owner.query(
    `insert into audit_log (agency_id, id, created_at, actor_id, actor_role, action, entity_type, entity_id, before)
     select $1, gen_random_uuid(), now() - interval '1 hour', $2, 'admin', 'test.long', 'test', gen_random_uuid(),
       jsonb_build_object('n', n, 'text', repeat('0123456789', 800 * (1 + n % 6)))
     from generate_series(1, $3::int) n`,
    [north, players.admin.user_id, entries],
  )
})
beforeEach(() => until(() => app.activeExports() === 0))

async function begin(path = '/api/v1/audit-log/export', player: 'admin' | 'outsider' = 'admin') {
  const { token } = await tokens.issue({ user_id: players[player].user_id })
  const { port } = app.server.address() as AddressInfo
  const text = `GET ${path} HTTP/1.1\r\nHost: roost.example\r\nAuthorization: Bearer ${token}\r\n\r\n`
  const answer = askWithoutReading(port, text)
  await until(() => answer.status() !== undefined)
  return answer
}

/** The database, with a count of reads and a hook before each read. */
function counted(beforeRead: (reads: number) => Promise<unknown> = async () => {}) {
  const count = { reads: 0 }
  const db: Database = {
    ...store.db,
    async tenantRead(...args) {
      count.reads += 1
      await beforeRead(count.reads)
      return store.db.tenantRead(...args) as never
    },
  }
  return { db, count }
}

test('the file has every entry once, in pages of about 256 kB', async () => {
  const { db, count } = counted()
  const pages: string[] = []
  for await (const page of await exportAudit(db, actor, { action: 'test.long' })) pages.push(page as string)
  const numbers = pages.join('').match(/""n"":\d+/g) ?? []
  assert.equal(new Set(numbers).size, entries)
  assert.equal(numbers.length, entries)
  const sizes = pages.map((page) => page.length)
  assert.ok(Math.max(...sizes) < 320 * 1024, `the largest page has ${Math.max(...sizes)} bytes`)
  assert.ok(count.reads > 40, `${count.reads} reads`)
})

test('the next page is read only when the client has taken the previous one', async () => {
  const { db, count } = counted()
  const stream = await exportAudit(db, actor, { action: 'test.long' })
  assert.equal(count.reads, 1)
  stream.read()
  await until(() => stream.readableLength > 0)
  const reads = count.reads
  assert.ok(reads <= 2, `${reads} reads`)
  stream.destroy()
  await until(() => stream.closed)
  assert.equal(count.reads, reads)
})

test('a second export of a person in an agency is refused; another person has their own', async () => {
  const first = await begin()
  assert.equal(first.status(), 200)
  const { status, body, headers } = await admin.get('audit-log/export')
  assert.deepEqual([status, body.error.code, headers['retry-after']], [429, 'EXPORT_IN_PROGRESS', '5'])
  assert.equal((await outsider.get('audit-log/export')).status, 200)
  first.socket.destroy()
})

test('the slot is released when the client disconnects', async () => {
  const { socket } = await begin()
  assert.equal(app.activeExports(), 1)
  socket.destroy()
  await until(() => app.activeExports() === 0)
})

test('the slot is released before the client sees the end of the file', async () => {
  for (const _ of Array(3)) assert.equal((await admin.get('audit-log/export')).status, 200)
})

test('a stream that closes after its end does not release the slot of the next export', async () => {
  const slots = createExportSlots()
  const open = () => slots.open(actor, async () => new Readable({ read() {}, autoDestroy: false }))
  const first = await open()
  first.push(null)
  await once(first.resume(), 'end')
  await open()
  first.destroy()
  await once(first, 'close')
  assert.equal(slots.count(), 1)
})

test('the slot is released when the first page fails', async () => {
  const slots = createExportSlots()
  await assert.rejects(
    slots.open(actor, () => Promise.reject(new Error('no page'))),
    { message: 'no page' },
  )
  assert.equal(slots.count(), 0)
})

test('the slot is released after HEAD, which reads no page', async () => {
  const { status, headers, text } = await admin.request('HEAD', 'audit-log/export')
  assert.deepEqual([status, headers['content-type'], text], [200, 'text/csv; charset=utf-8', ''])
  assert.equal(app.activeExports(), 0)
})

const failures: Readonly<Record<string, (stream: Readable) => unknown>> = {
  'the stream fails': (stream) => stream.destroy(new Error('broken')),
  'the client disconnects before the first byte': (stream) => stream.destroy(),
  'the deadline passes': () => {},
}

for (const [name, end] of Object.entries(failures)) {
  test(`the slot is released: ${name}`, async () => {
    const slots = createExportSlots(name === 'the deadline passes' ? 50 : 60_000)
    const stream = await slots.open(actor, async () => Readable.from(['a', 'b']))
    stream.on('error', () => {})
    assert.equal(slots.count(), 1)
    end(stream)
    // Unreferenced: the deadline alone does not keep the process alive.
    await until(() => slots.count() === 0)
  })
}

test('a slot belongs to an actor of an agency', async () => {
  const slots = createExportSlots()
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  for (const one of [actor, { ...actor, agency_id: south }, { ...actor, id: players.manager.user_id }])
    slots.hold(one, response)
  assert.throws(() => slots.hold(actor, response), ExportInProgressError)
  response.emit('close')
  assert.equal(slots.count(), 0)
})

test('a response that is already closed holds no slot', () => {
  const slots = createExportSlots()
  slots.hold(actor, new ServerResponse(new IncomingMessage(new Socket())).destroy())
  assert.equal(slots.count(), 0)
})

test('an admin who is demoted during an export gets no further page', async () => {
  const setRole = (role: string, { user_id }: { user_id: string }) =>
    store.owner.query('update team_members set role = $1 where agency_id = $2 and user_id = $3', [role, north, user_id])
  const { db, count } = counted(async (reads) => reads === 3 && setRole('staff', players.admin))
  // An agency must keep at least one admin.
  await setRole('admin', players.manager)
  try {
    const stream = await exportAudit(db, actor, { action: 'test.long' })
    await assert.rejects(stream.resume().toArray(), { code: 'FORBIDDEN' })
    assert.equal(count.reads, 3)
  } finally {
    await setRole('admin', players.admin)
    await setRole('manager', players.manager)
  }
})

test("a guest's export is also limited to one at a time", async () => {
  const first = await begin()
  const { body: guest } = await admin.post('guests', { first_name: 'Ada', last_name: 'Lovelace' })
  const refused = await admin.post(`guests/${guest.id}/export`)
  assert.deepEqual([refused.status, refused.body.error.code], [429, 'EXPORT_IN_PROGRESS'])
  first.socket.destroy()
  await until(() => app.activeExports() === 0)
  assert.equal((await admin.post(`guests/${guest.id}/export`)).status, 200)
  await until(() => app.activeExports() === 0)
})
