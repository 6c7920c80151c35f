// Streams with several processes: one API serves the stream, another makes the change, a worker seals it.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { castProperties, north, players } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { openEventStream } from '../../../test/event-stream.ts'
import { secret } from '../../../test/harness.ts'
import { noMedia } from '../../../test/no-media.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import { stay } from '../../../test/steps.ts'
import { until } from '../../../test/until.ts'
import { parseConfig } from '../../config.ts'
import { createRedis } from '../../core/redis.ts'
import { assemble } from '../../service.ts'
import { openStore } from '../../store.ts'
import { startWorker } from '../../worker.ts'

const inner = await openTestStore()
const closers: (() => Promise<unknown>)[] = []
after(async () => {
  for (const close of closers) await close()
  await inner.close()
})

const config = parseConfig({
  DATABASE_URL: inner.url ?? '',
  JWT_SECRET: secret,
  RATE_LIMIT: 'off',
  MAX_LOOP_DELAY: 'off',
})
const { log } = recordingLog()

/** A service as deployed, with its own pool and LISTEN connection. */
async function startApi() {
  const store = await openStore(config, log)
  const { app, tokens } = await assemble(config, store, createRedis(undefined, log), log)
  const address = await app.listen({ port: 0, host: '127.0.0.1' })
  closers.push(
    () => app.close(),
    () => store.close(),
  )
  const tokenOf = async (name: 'admin' | 'staff') => (await tokens.issue({ user_id: players[name].user_id })).token
  return { address, tokenOf }
}

const [one, two] = [await startApi(), await startApi()]
const worker_store = await openStore(config, log)
const worker = await startWorker({ db: worker_store.db, log, is_embedded: false, media: noMedia })
closers.unshift(worker.stop, () => worker_store.close())

async function call(method: string, path: string, name: 'admin' | 'staff', body?: object): Promise<number> {
  const headers = { authorization: `Bearer ${await two.tokenOf(name)}`, 'content-type': 'application/json' }
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
  const response = await fetch(`${two.address}/api/v1/${path}`, init)
  await response.arrayBuffer()
  return response.status
}

test('a change through one process is in a stream of another', async () => {
  const stream = await openEventStream(`${one.address}/api/v1/changes`, await one.tokenOf('staff'))
  assert.equal(stream.status, 200)
  assert.equal(await call('POST', 'bookings', 'staff', stay(castProperties.lake.id, '2031-01-01')), 201)
  const [change] = await stream.take(1)
  assert.deepEqual([change?.type, change?.property_id], ['booking.created', castProperties.lake.id])
  stream.close()
})

test('a membership that ends through one process ends the streams of another', async () => {
  const streams = [
    await openEventStream(`${one.address}/api/v1/changes`, await one.tokenOf('staff')),
    await openEventStream(`${two.address}/api/v1/changes`, await two.tokenOf('staff')),
  ]
  const admins = await openEventStream(`${one.address}/api/v1/changes`, await one.tokenOf('admin'))
  await inner.owner.query('update team_members set is_active = false where agency_id = $1 and user_id = $2', [
    north,
    players.staff.user_id,
  ])
  for (const { ended } of streams) await ended
  for (const { text } of streams) assert.match(text(), /: the membership has changed\n\n$/)
  assert.equal(await call('PATCH', 'agency', 'admin', { hold_minutes: 21 }), 200)
  await until(() => admins.changes().length === 1)
  admins.close()
})
