import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import { connectTo, type JobsStage, listeningLog, server } from '../../../test/jobs-fixture.ts'
import { startProxy, type TcpProxy } from '../../../test/tcp-proxy.ts'
import { until } from '../../../test/until.ts'
import { DatabaseUnavailableError } from '../server-errors.ts'
import { createJobs } from './jobs.ts'

const booking_id = '00000000-0000-7000-8000-000000000001'
const stands_still = /background work stands still/
const goes_on = /background work goes on/

describe('background work when PostgreSQL fails', { skip: server.skip }, () => {
  let stage: JobsStage
  let proxy: TcpProxy
  before(async () => {
    stage = await server.open()
    proxy = await startProxy(Number(new URL(stage.url).port || 5432))
  })
  after(async () => {
    await proxy?.close()
    await stage?.close()
  })
  beforeEach(() => proxy.resume())

  /** Jobs through the proxy, and how often their one handler ran. */
  function behindProxy(t: TestContext) {
    const url = new URL(stage.url)
    url.hostname = '127.0.0.1'
    url.port = String(proxy.port)
    const { db } = connectTo(url.href)
    const { log, lines, count } = listeningLog()
    const jobs = createJobs({ db, log, is_embedded: false })
    let handled = 0
    const run = async () => void handled++
    t.after(async () => {
      await proxy.resume()
      await jobs.stop()
      await db.close()
    })
    return { jobs, lines, count, handled: () => handled, start: () => jobs.start({ ping: { run } }) }
  }

  test('starts as soon as the server is there, having said once that it is not', async (t) => {
    await proxy.refuse()
    const before_start = proxy.accepted()
    const { jobs, lines, count, handled, start } = behindProxy(t)
    const started = start()
    await until(() => count(stands_still) === 1)
    assert.match(String(lines[0]?.error), /cannot be reached|ECONNREFUSED/)
    await assert.rejects(jobs.enqueue('ping', { booking_id }), DatabaseUnavailableError)
    assert.equal(jobs.isWorking(), false)
    assert.equal(proxy.accepted(), before_start, 'the server refused')
    await proxy.resume()
    await started
    assert.equal(jobs.isWorking(), true)
    assert.deepEqual([count(stands_still), count(goes_on)], [1, 1])
    await jobs.enqueue('ping', { booking_id })
    await until(() => handled() === 1)
  })

  test('goes on without a restart after an outage, having said once that it stood still', async (t) => {
    const { jobs, count, handled, start } = behindProxy(t)
    await start()
    await proxy.refuse()
    await until(() => !jobs.isWorking())
    await proxy.resume()
    await until(() => jobs.isWorking())
    await jobs.enqueue('ping', { booking_id })
    await until(() => handled() === 1)
    assert.deepEqual([count(stands_still), count(goes_on)], [1, 1])
  })

  test('loses no job when every connection breaks', async (t) => {
    const { jobs, handled, start } = behindProxy(t)
    await start()
    assert.ok(proxy.drop() > 0, 'there were connections')
    await until(() =>
      jobs.enqueue('ping', { booking_id }).then(
        () => true,
        () => false,
      ),
    )
    await until(() => handled() >= 1)
  })

  test('stops while the server is frozen', async (t) => {
    const { jobs, start } = behindProxy(t)
    await start()
    proxy.pause()
    const enqueued = assert.rejects(jobs.enqueue('ping', { booking_id }))
    await jobs.stop()
    await enqueued
  })

  test('stops while it waits for the server, without having reached it', async (t) => {
    await proxy.refuse()
    const { jobs, count, start } = behindProxy(t)
    const started = start()
    await until(() => count(stands_still) === 1)
    const accepted = proxy.accepted()
    await Promise.all([jobs.stop(), started])
    assert.equal(proxy.accepted(), accepted)
    assert.equal(jobs.isWorking(), false)
  })
})
