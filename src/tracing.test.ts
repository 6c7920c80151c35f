// Traces: what arrives at a collector, what never does, and that nothing is loaded without one.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { openTestStore } from '../test/engines.ts'
import { cast } from '../test/harness.ts'
import { noMedia } from '../test/no-media.ts'
import { recordingLog } from '../test/recording-log.ts'
import { until } from '../test/until.ts'
import { parseConfig } from './config.ts'
import { countJob, jobs } from './core/counters.ts'
import { startTracing } from './tracing.ts'
import { startWorker } from './worker.ts'

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
  readonly status: { readonly code: number }
}

/** A collector that keeps what it receives. `stop` ends the tracing, which sends the remaining spans. */
async function collect(t: TestContext, env: Record<string, string> = {}) {
  const received: { resourceSpans: { resource: unknown; scopeSpans: { spans: Span[] }[] }[] }[] = []
  const server = createServer(async (request, response) => {
    assert.equal(request.url, '/v1/traces')
    received.push((await json(request)) as (typeof received)[number])
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const stop = startTracing(parseConfig(env), `http://127.0.0.1:${port}`, '1.2.3')
  t.after(stop)
  return {
    async spans() {
      await stop()
      return received.flatMap(({ resourceSpans }) => resourceSpans.flatMap((r) => r.scopeSpans.flatMap((s) => s.spans)))
    },
    text: () => JSON.stringify(received),
  }
}

const value = (span: Span, wanted: string) =>
  Object.values(span.attributes.find(({ key }) => key === wanted)?.value ?? {})[0]
const guest = {
  first_name: 'Zacharias',
  last_name: 'Quince',
  email: 'zq-secret@guests.example',
  phone: '+49 170 5550199',
}

test('a booking is one trace of request, transaction and statements, without personal data', async (t) => {
  const { staff } = await cast({}, t)
  const property_id = (await staff.get('properties?limit=1')).body.items[0].id
  const collector = await collect(t, { OTEL_SERVICE_NAME: 'homes' })
  const trace_id = 'a'.repeat(32)
  const body = { property_id, check_in: '2031-05-01', check_out: '2031-05-03', num_adults: 2, guest }
  const headers = {
    traceparent: `00-${trace_id}-${'b'.repeat(16)}-01`,
    tracestate: 'vendor=zq-secret',
    'idempotency-key': 'zq-secret-key',
  }
  assert.equal((await staff.post('bookings', body, headers)).status, 201)
  await staff.get('guests?q=Zacharias')
  const spans = await collector.spans()

  const request = spans.find(({ name }) => name === 'POST /api/v1/bookings')
  assert.ok(request, spans.map(({ name }) => name).join())
  assert.deepEqual([request.traceId, request.parentSpanId], [trace_id, 'b'.repeat(16)])
  assert.deepEqual(
    [value(request, 'http.route'), value(request, 'http.response.status_code')],
    ['/api/v1/bookings', 201],
  )
  const inside = spans.filter(({ traceId }) => traceId === trace_id)
  const transaction = inside.find(({ name }) => name === 'transaction')
  assert.equal(transaction?.parentSpanId, request.spanId)
  const statements = inside.filter((span) => value(span, 'db.system.name') === 'postgresql')
  assert.ok(statements.some((span) => /insert into bookings/.test(String(value(span, 'db.query.text')))))
  for (const { parentSpanId } of statements)
    assert.ok(
      inside.some(({ spanId }) => spanId === parentSpanId),
      'a statement is the child of a span of its trace',
    )
  assert.ok(spans.some(({ name, traceId }) => name === 'GET /api/v1/guests' && traceId !== trace_id))

  assert.match(collector.text(), /"service.name","value":\{"stringValue":"homes"/)
  for (const secret of ['Zacharias', 'Quince', 'zq-secret', '5550199', property_id, '2031-05-01', 'Bearer'])
    assert.ok(!collector.text().includes(secret), secret)
})

test('errors have a code and no message; probes have no span', async (t) => {
  const { app, staff } = await cast(
    {
      extend: (api) =>
        void api.get('/broken', { config: { open: true } }, async () => {
          throw new Error('zq-secret')
        }),
    },
    t,
  )
  const collector = await collect(t)
  await app.inject('/broken')
  await app.inject('/health')
  await staff.get(`bookings/${crypto.randomUUID()}`)
  await app.inject('/zq-secret?q=zq-secret')
  const spans = await collector.spans()
  const broken = spans.find(({ name }) => name === 'GET /broken')
  assert.deepEqual([broken?.status.code, broken && value(broken, 'error.type')], [2, '500'])
  assert.ok(spans.some(({ name }) => name === 'GET none'))
  assert.ok(!spans.some(({ name }) => name.includes('health')))
  assert.ok(!collector.text().includes('zq-secret'))
})

test('a parent-based sampler that is off exports only what traceparent asks for', async (t) => {
  const { staff } = await cast({}, t)
  const off = await collect(t, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' })
  await staff.get('properties')
  await staff.get('bookings', { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` })
  await staff.get('guests', { traceparent: 'not a traceparent' })
  const names = (await off.spans()).map(({ name }) => name)
  assert.ok(names.includes('GET /api/v1/bookings'))
  assert.ok(!names.includes('GET /api/v1/properties') && !names.includes('GET /api/v1/guests'))
})

test('a job is a span, and its run is counted', async (t) => {
  const store = await openTestStore()
  t.after(() => store.close())
  const collector = await collect(t)
  const worker = await startWorker({
    db: store.db,
    log: recordingLog().log,
    is_embedded: store.is_embedded,
    media: noMedia,
  })
  t.after(worker.stop)
  const { createJobs } = await import('./core/jobs/jobs.ts')
  const sender = createJobs({ db: store.db, log: recordingLog().log, is_embedded: store.is_embedded })
  countJob('holds.expire', 'completed', performance.now())
  const before = jobs.get('holds.expire')?.completed ?? 0
  await sender.enqueue('holds.expire', {})
  await until(() => (jobs.get('holds.expire')?.completed ?? 0) > before)
  await worker.stop()
  assert.ok((await collector.spans()).some(({ name }) => name === 'job holds.expire'))
})

test('without an endpoint nothing of OpenTelemetry or prom-client is loaded', async () => {
  const script = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ load: (url, context, next) => { if (/opentelemetry|prom-client/.test(url)) loaded.push(url); return next(url, context) } })
    const { openapiDocument } = await import(${JSON.stringify(import.meta.resolve('./service.ts'))})
    await import(${JSON.stringify(import.meta.resolve('./commands/serve.ts'))})
    await import(${JSON.stringify(import.meta.resolve('./worker.ts'))})
    await openapiDocument()
    console.log(JSON.stringify(loaded))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script])
  assert.deepEqual(JSON.parse(stdout), [])
})
