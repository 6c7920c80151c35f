// S37: the most expensive bodies and queries of every operation, and their CPU time on the event loop.
import { exchange } from '../../../test/raw-socket.ts'
import type { Sender } from '../../../test/sender.ts'
import { fillBoth } from '../../../test/two-agencies.ts'
import { bodyOperations, worstBodies } from '../../../test/worst-bodies.ts'
import { queryOperations, worstQueries } from '../../../test/worst-queries.ts'
import { ownIdFor } from '../fuzz/requests.ts'
import { type CpuMeter, createCpuMeter } from '../load/cpu.ts'
import { atMost, type Check, exactly, info, injected, type Scenario, type Size } from '../scenario.ts'
import { type Target, withTarget } from '../target.ts'

/** A request that can be sent repeatedly. */
interface CostlyRequest {
  readonly name: string
  readonly operation: string
  /** The expected refusal; undefined: any status below 500. */
  readonly refusal: readonly [status: number, code: string] | undefined
  readonly send: () => ReturnType<Sender['send']>
}

interface Cost {
  readonly request: CostlyRequest
  readonly loop_ms: number
  readonly process_ms: number
}

/** CPU clocks tick every 4 ms on some systems, so requests are repeated; the most expensive ones more often. */
const repetitions = { first: 6, second: 60 }
const num_second = 20

export const worstBody: Scenario = {
  id: 'S37',
  title: 'The worst body and query of every operation',
  seconds: { full: 180, quick: 15 },
  run: async (size) => {
    const meter = await createCpuMeter()
    try {
      return await withTarget((target) => measureAll(target, meter, size), meter.env)
    } finally {
      meter.close()
    }
  },
}

async function measureAll(target: Target, meter: CpuMeter, size: Size): Promise<Check[]> {
  await fillBoth(target)
  const all = await listRequests(target)
  // Few requests are refused before schema validation; those are all part of the quick size.
  const isRare = ({ refusal }: CostlyRequest) => refusal?.[0] === 413 || refusal?.[0] === 400
  const sampleOf = (some: readonly CostlyRequest[] = []) =>
    some.length <= 20 ? some : some.filter((request, n) => n % 4 === 0 || isRare(request))
  const samples = Object.values(Object.groupBy(all, ({ operation }) => operation)).flatMap(sampleOf)
  const requests = size === 'full' ? all : samples
  const checks = [...(await checkAnswers(requests)), ...(await sendByteByByte(target, meter, size))]
  return size === 'quick' ? checks : [...checks, ...(await measureCosts(requests, meter))]
}

/** Checks the status of every request and the size of its refusal. */
async function checkAnswers(requests: readonly CostlyRequest[]): Promise<Check[]> {
  const wrong: string[] = []
  const statuses: Record<number, number> = {}
  let max_details = 0
  let largest = 0
  for (const { name, operation, refusal, send } of requests) {
    const { status, code, text, body } = await send()
    statuses[status] = (statuses[status] ?? 0) + 1
    const is_right = refusal === undefined ? status < 500 : status === refusal[0] && code === refusal[1]
    if (!is_right) wrong.push(`${operation}: ${name}: ${status} ${code}, expected ${refusal ?? 'below 500'}`)
    if (status < 400) continue
    const { details = [] } = body.error as { details?: unknown[] }
    max_details = Math.max(max_details, details.length)
    largest = Math.max(largest, Buffer.byteLength(text) / 1024)
  }
  for (const line of wrong.slice(0, 10)) process.stderr.write(`S37: ${line}\n`)
  const perOperation = Object.values(Object.groupBy(requests, ({ operation }) => operation)).map(
    (all) => all?.length ?? 0,
  )
  return [
    injected('operations', perOperation.length, 30),
    injected('minimum requests per operation', Math.min(...perOperation), 5),
    injected('refused as too large (413)', statuses[413] ?? 0, 20),
    injected('refused as invalid JSON (400)', statuses[400] ?? 0, 10),
    injected('refused by a schema (422)', statuses[422] ?? 0, 500),
    exactly('wrong answers', wrong.length, 0),
    atMost('validation errors in one answer', max_details, 20),
    atMost('largest refusal', largest, 32, ' kB'),
  ]
}

/** A body in chunks of one byte: the HTTP parser handles each chunk before the size limit applies. */
async function sendByteByByte({ api }: Target, meter: CpuMeter, size: Size): Promise<Check[]> {
  const head = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: roost.example\r\nContent-Type: application/json\r\n'
  const send = `${head}Transfer-Encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(64 * 1024)}0\r\n\r\n`
  const times = size === 'quick' ? 1 : repetitions.second
  let refused = 0
  const { loop_ms } = await meter.measure(async () => {
    for (let n = 0; n < times; n += 1) {
      const { replies } = await exchange(api.port, { parts: [send], until: 1 })
      if (replies[0]?.status === 413) refused += 1
    }
  })
  return [
    exactly('64 kB in chunks of one byte: answers other than 413', times - refused, 0),
    info('64 kB in chunks of one byte: event-loop CPU, ms', loop_ms / times),
  ]
}

async function measureCosts(requests: readonly CostlyRequest[], meter: CpuMeter): Promise<Check[]> {
  const first = await sortedCosts(requests, meter, repetitions.first)
  const most_expensive = await sortedCosts(
    first.slice(0, num_second).map(({ request }) => request),
    meter,
    repetitions.second,
  )
  const other_threads_ms = Math.max(...first.map(({ process_ms, loop_ms }) => process_ms - loop_ms))
  return [
    atMost('highest event-loop CPU of a request', most_expensive[0]?.loop_ms ?? Number.NaN, 10, ' ms'),
    info('median event-loop CPU, ms', first[Math.floor(first.length / 2)]?.loop_ms ?? Number.NaN),
    info('highest CPU of other threads, ms', other_threads_ms),
    ...most_expensive
      .slice(0, 10)
      .map(({ request, loop_ms }) => info(`${request.operation}: ${request.name}, ms`, loop_ms)),
  ]
}

/** The average cost of each request, in descending order. */
async function sortedCosts(requests: readonly CostlyRequest[], meter: CpuMeter, times: number): Promise<Cost[]> {
  const all: Cost[] = []
  for (const request of requests) {
    const used = await meter.measure(async () => {
      for (let n = 0; n < times; n += 1) await request.send()
    })
    all.push({ request, loop_ms: used.loop_ms / times, process_ms: used.process_ms / times })
  }
  return all.sort((a, b) => b.loop_ms - a.loop_ms)
}

async function listRequests({ as }: Target): Promise<CostlyRequest[]> {
  const [anonymous, admin] = [as(undefined), as('admin')]
  const { body: document } = await anonymous.send('GET', '/openapi.json')
  const bodies = bodyOperations(document).flatMap((operation): CostlyRequest[] => {
    const sender = operation.is_open ? anonymous : admin
    const path = operation.path.replace('{id}', ownIdFor({ path: operation.path }))
    return worstBodies(operation).map(({ name, json, refusal }) => ({
      name,
      operation: operation.name,
      refusal,
      send: () => sender.send(operation.method, path, json),
    }))
  })
  const queries = queryOperations(document).flatMap((operation): CostlyRequest[] => {
    const path = operation.path.replace('{id}', ownIdFor({ path: operation.path }))
    return worstQueries(operation).map(({ name, query }) => ({
      name,
      operation: operation.name,
      refusal: [422, 'VALIDATION_ERROR'],
      send: () => admin.send('GET', `${path}?${query}`),
    }))
  })
  return [...bodies, ...queries]
}
