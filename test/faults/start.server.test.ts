// The process starts while the database and Redis are down, recovers, and ends cleanly on a signal.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { freePort } from '../free-port.ts'
import { until } from '../until.ts'
import { ask, openFaultFixture } from './fixture.ts'

const fixture = await openFaultFixture(0)
const roost = join(import.meta.dirname, '../../bin/roost')

test('starts while the database and Redis are down, and becomes ready soon after they are back', async (t) => {
  await fixture.database.refuse()
  await fixture.redis.kill()
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  const compiled = mkdtempSync(join(tmpdir(), 'roost-compiled-'))
  after(() => rmSync(compiled, { recursive: true, force: true }))
  const own = { PORT: String(port), ENV_FILE: '', MIGRATE_ON_START: 'off', NODE_COMPILE_CACHE: compiled }
  const env = { ...process.env, ...fixture.env, ...own }
  const service = spawn(roost, ['serve'], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  after(() => service.kill('SIGKILL'))
  const live = () =>
    ask(`${address}/health/live`, '').then(
      ({ status }) => status === 200,
      () => false,
    )
  const listen_ms = await until(live)
  const files = readdirSync(compiled, { recursive: true })
  assert.ok(
    files.length > 500,
    'the compile cache is written before the first request, since writing it blocks the event loop',
  )
  const refused = await ask(`${address}/api/v1/properties`, fixture.token)
  assert.equal(refused.status, 503)
  assert.equal(refused.body.error.code, 'DB_UNAVAILABLE')
  assert.ok(refused.headers.get('retry-after'))
  assert.equal((await ask(`${address}/health`, '')).status, 503)
  assert.equal((await ask(`${address}/health/ready`, '')).status, 503)
  await fixture.database.resume()
  const isReady = () => ask(`${address}/health/ready`, '').then(({ status }) => status === 200)
  const ready_ms = await until(isReady)
  t.diagnostic(`listening after ${listen_ms.toFixed(0)} ms, ready ${ready_ms.toFixed(0)} ms after the database came`)
  const reply = await ask(`${address}/api/v1/properties`, fixture.token)
  assert.equal(reply.status, 200)
  const worker = async () => (await ask(`${address}/health`, '')).body.checks.worker === 'ok'
  await until(worker)
  service.kill('SIGTERM')
  const [code] = await once(service, 'exit')
  assert.equal(code, 0)
})

/** Starts a process with metrics on a port of their own, and returns how to read them. */
async function startWithMetrics(command: string) {
  const port = await freePort()
  const own = { PORT: '0', ENV_FILE: '', WORKER: 'off', MIGRATE_ON_START: 'off', METRICS_PORT: String(port) }
  const service = spawn(roost, [command], { env: { ...process.env, ...fixture.env, ...own }, stdio: 'ignore' })
  after(() => service.kill('SIGKILL'))
  return {
    service,
    read: () =>
      fetch(`http://127.0.0.1:${port}/metrics`).then(
        (answer) => answer.text(),
        () => '',
      ),
  }
}

test('with METRICS_PORT serve and worker have metrics, and still stop cleanly', async () => {
  const [api, worker] = await Promise.all([startWithMetrics('serve'), startWithMetrics('worker')])
  await until(async () => /^roost_audit_sealing_lag_seconds \d/m.test(await worker.read()))
  await until(async () => /^roost_worker_heartbeat_age_seconds \d/m.test(await api.read()))
  assert.doesNotMatch(await api.read(), /^roost_audit_sealing_lag_seconds \d/m)
  for (const { service } of [api, worker]) {
    service.kill('SIGTERM')
    assert.deepEqual(await once(service, 'exit'), [0, null])
  }
})
