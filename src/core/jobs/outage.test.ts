// Background jobs while PostgreSQL is unreachable or does not respond.
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, type TestContext, test } from 'node:test'
import { connectTo, type JobsFixture, listeningLog, server } from '../../../test/jobs-fixture.ts'
import { startProxy, type TcpProxy } from '../../../test/tcp-proxy.ts'
import { until } from '../../../test/until.ts'
import { DatabaseUnavailableError } from '../server-errors.ts'
import { createJobs } from './jobs.ts'

const booking_id = '00000000-0000-7000-8000-000000000001'
const interrupted = /background jobs interrupted/
const resumed = /background jobs resumed/

describe('background jobs when PostgreSQL fails', { skip: server.skip }, () => {
  let fixture: JobsFixture
  let proxy: TcpProxy
  before(async () => {
    fixture = await server.open()
    proxy = await startProxy(Number(new URL(fixture.url).port || 5432))
  })
  after(async () => {
    await proxy?.close()
    await fixture?.close()
  })
  beforeEach(() => proxy.resume())

  /** Jobs connected through the proxy, with one handler that counts its runs. */
  function behindProxy(t: TestContext) {
    const url = new URL(fixture.url)
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

  test('starts when the server becomes available, after one log line', async (t) => {
    await proxy.refuse()
    const before_start = proxy.accepted()
    const { jobs, lines, count, handled, start } = behindProxy(t)
    const started = start()
    await until(() => count(interrupted) === 1)
    assert.match(String(lines[0]?.error), /cannot be reached|ECONNREFUSED/)
    await assert.rejects(jobs.enqueue('ping', { booking_id }), DatabaseUnavailableError)
    assert.equal(jobs.isWorking(), false)
    assert.equal(proxy.accepted(), before_start, 'the server refused')
    await proxy.resume()
    await started
    assert.equal(jobs.isWorking(), true)
    assert.deepEqual([count(interrupted), count(resumed)], [1, 1])
    await jobs.enqueue('ping', { booking_id })
    await until(() => handled() === 1)
  })

  test('resumes after an outage without a restart, after one log line', async (t) => {
    const { jobs, count, handled, start } = behindProxy(t)
    await start()
    await proxy.refuse()
    await until(() => !jobs.isWorking())
    await proxy.resume()
    await until(() => jobs.isWorking())
    await jobs.enqueue('ping', { booking_id })
    await until(() => handled() === 1)
    assert.deepEqual([count(interrupted), count(resumed)], [1, 1])
  })

  test('no job is lost when all connections break', async (t) => {
    const { jobs, handled, start } = behindProxy(t)
    await start()
    assert.ok(proxy.drop() > 0, 'there were connections to drop')
    await until(() =>
      jobs.enqueue('ping', { booking_id }).then(
        () => true,
        () => false,
      ),
    )
    await until(() => handled() >= 1)
  })

  test('stops while the server does not respond', async (t) => {
    const { jobs, start } = behindProxy(t)
    await start()
    proxy.pause()
    const enqueued = assert.rejects(jobs.enqueue('ping', { booking_id }))
    await jobs.stop()
    await enqueued
  })

  test('stops while the server refuses connections', async (t) => {
    await proxy.refuse()
    const { jobs, count, start } = behindProxy(t)
    const started = start()
    await until(() => count(interrupted) === 1)
    const accepted = proxy.accepted()
    await Promise.all([jobs.stop(), started])
    assert.equal(proxy.accepted(), accepted)
    assert.equal(jobs.isWorking(), false)
  })
})
