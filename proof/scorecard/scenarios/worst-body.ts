// S37: the bodies and queries that cost most to read, for every operation: what they cost the event loop of a real process.
import { exchange } from '../../../test/raw-socket.ts'
import type { Sender } from '../../../test/sender.ts'
import { fillBoth } from '../../../test/two-agencies.ts'
import { bodyOperations, worstBodies } from '../../../test/worst-bodies.ts'
import { queryOperations, worstQueries } from '../../../test/worst-queries.ts'
import { ownIdFor } from '../fuzz/requests.ts'
import { type CpuMeter, createCpuMeter } from '../load/cpu.ts'
import { atMost, type Check, exactly, fired, type Measure, type Size, told } from '../scenario.ts'
import { onTarget, type Target } from '../target.ts'

/** One request, as often as wanted. */
interface Probe {
  readonly name: string
  readonly operation: string
  /** What it must get; undefined: whatever a rule says, but no 5xx. */
  readonly refusal: readonly [status: number, code: string] | undefined
  readonly send: () => ReturnType<Sender['send']>
}

interface Cost {
  readonly probe: Probe
  readonly loop_ms: number
  readonly process_ms: number
}

/** Each is sent so often at first, for the processor's clock ticks every 4 ms on some systems; the dearest again. */
const rounds = { first: 6, again: 60 }
const again = 20

export const worstBody: Measure = {
  id: 'S37',
  title: 'The worst body and query of every operation',
  seconds: { full: 180, quick: 15 },
  run: async (size) => {
    const meter = await createCpuMeter()
    try {
      return await onTarget((target) => measured(target, meter, size), meter.env)
    } finally {
      meter.close()
    }
  },
}

async function measured(target: Target, meter: CpuMeter, size: Size): Promise<Check[]> {
  await fillBoth(target)
  const all = await probesOf(target)
  // Few are refused before a schema looks at them: those are asked in CI as well.
  const isRare = ({ refusal }: Probe) => refusal?.[0] === 413 || refusal?.[0] === 400
  const probes = size === 'full' ? all : all.filter((probe, n) => n % 4 === 0 || isRare(probe))
  const checks = [...(await answered(probes)), ...(await byteByByte(target, meter, size))]
  return size === 'quick' ? checks : [...checks, ...(await costs(probes, meter))]
}

/** Whether each is refused as it must be, and how much is said about it. */
async function answered(probes: readonly Probe[]): Promise<Check[]> {
  const wrong: string[] = []
  const statuses: Record<number, number> = {}
  let most_findings = 0
  let largest = 0
  for (const { name, operation, refusal, send } of probes) {
    const { status, code, text, body } = await send()
    statuses[status] = (statuses[status] ?? 0) + 1
    const is_right = refusal === undefined ? status < 500 : status === refusal[0] && code === refusal[1]
    if (!is_right) wrong.push(`${operation}: ${name}: ${status} ${code}, not ${refusal ?? 'below 500'}`)
    if (status < 400) continue
    const { details = [] } = body.error as { details?: unknown[] }
    most_findings = Math.max(most_findings, details.length)
    largest = Math.max(largest, Buffer.byteLength(text) / 1024)
  }
  for (const line of wrong.slice(0, 10)) process.stderr.write(`S37: ${line}\n`)
  const perOperation = Object.values(Object.groupBy(probes, ({ operation }) => operation)).map(
    (all) => all?.length ?? 0,
  )
  return [
    fired('operations', perOperation.length, 30),
    fired('requests for each of them, at least', Math.min(...perOperation), 5),
    fired('refused as too large', statuses[413] ?? 0, 20),
    fired('refused as no JSON', statuses[400] ?? 0, 10),
    fired('refused by a schema', statuses[422] ?? 0, 500),
    exactly('not refused as they must be', wrong.length, 0),
    atMost('findings in one answer', most_findings, 20),
    atMost('largest refusal', largest, 32, ' kB'),
  ]
}

/** The parser turns once for each chunk of a body, before anybody can refuse it. */
async function byteByByte({ api }: Target, meter: CpuMeter, size: Size): Promise<Check[]> {
  const head = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: roost.example\r\nContent-Type: application/json\r\n'
  const send = `${head}Transfer-Encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(64 * 1024)}0\r\n\r\n`
  const times = size === 'quick' ? 1 : rounds.again
  let refused = 0
  const { loop_ms } = await meter.during(async () => {
    for (let n = 0; n < times; n += 1) {
      const { replies } = await exchange(api.port, { parts: [send], until: 1 })
      if (replies[0]?.status === 413) refused += 1
    }
  })
  return [
    exactly('64 kB in chunks of one byte, not refused as too large', times - refused, 0),
    told('64 kB in chunks of one byte, ms of the event loop', loop_ms / times),
  ]
}

async function costs(probes: readonly Probe[], meter: CpuMeter): Promise<Check[]> {
  const first = await sortedCosts(probes, meter, rounds.first)
  const dearest = await sortedCosts(
    first.slice(0, again).map(({ probe }) => probe),
    meter,
    rounds.again,
  )
  const elsewhere = Math.max(...first.map(({ process_ms, loop_ms }) => process_ms - loop_ms))
  return [
    atMost('the event loop for the worst of them', dearest[0]?.loop_ms ?? Number.NaN, 10, ' ms'),
    told('half of them take at most, ms', first[Math.floor(first.length / 2)]?.loop_ms ?? Number.NaN),
    told('other threads (passwords, garbage), at most, ms', elsewhere),
    ...dearest.slice(0, 10).map(({ probe, loop_ms }) => told(`${probe.operation}: ${probe.name}, ms`, loop_ms)),
  ]
}

/** What each costs on average, the dearest first. */
async function sortedCosts(probes: readonly Probe[], meter: CpuMeter, times: number): Promise<Cost[]> {
  const all: Cost[] = []
  for (const probe of probes) {
    const used = await meter.during(async () => {
      for (let n = 0; n < times; n += 1) await probe.send()
    })
    all.push({ probe, loop_ms: used.loop_ms / times, process_ms: used.process_ms / times })
  }
  return all.sort((a, b) => b.loop_ms - a.loop_ms)
}

async function probesOf({ as }: Target): Promise<Probe[]> {
  const [anonymous, admin] = [as(undefined), as('admin')]
  const { body: document } = await anonymous.send('GET', '/openapi.json')
  const bodies = bodyOperations(document).flatMap((operation): Probe[] => {
    const sender = operation.is_open ? anonymous : admin
    const path = operation.path.replace('{id}', ownIdFor({ path: operation.path }))
    return worstBodies(operation).map(({ name, json, refusal }) => ({
      name,
      operation: operation.name,
      refusal,
      send: () => sender.send(operation.method, path, json),
    }))
  })
  const queries = queryOperations(document).flatMap((operation): Probe[] => {
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
