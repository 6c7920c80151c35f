// Clients that call without pause over kept-alive connections, and what their calls took.
import { once } from 'node:events'
import { Agent, request } from 'node:http'

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: object
}

export interface Load {
  /** By status, as `201` -> how many. */
  readonly statuses: Record<string, number>
  readonly seconds: number
  readonly per_second: number
  readonly p50_ms: number
  readonly p99_ms: number
}

/** Lets `clients` call one after the other until `calls` have been made; `next(i)` is the i-th. */
export async function load(
  address: string,
  clients: number,
  calls: number,
  next: (index: number) => Call,
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const times: number[] = []
  const statuses: Record<string, number> = {}
  let made = 0
  const began = performance.now()
  const client = async () => {
    while (made < calls) {
      const call = next(made++)
      const start = performance.now()
      const status = await send(agent, address, call)
      times.push(performance.now() - start)
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - began) / 1000
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN
  return { statuses, seconds, per_second: calls / seconds, p50_ms: at(0.5), p99_ms: at(0.99) }
}

async function send(agent: Agent, address: string, { method, path, headers, body }: Call): Promise<number> {
  const payload = body === undefined ? undefined : JSON.stringify(body)
  const json = payload === undefined ? {} : { 'content-type': 'application/json' }
  const sent = request(`${address}${path}`, { agent, method, headers: { ...json, ...headers } })
  sent.end(payload)
  const [reply] = await once(sent, 'response')
  reply.resume()
  await once(reply, 'end')
  return reply.statusCode
}

/** One line: rate, percentiles, statuses. */
export function lineOf(name: string, { per_second, p50_ms, p99_ms, statuses }: Load): string {
  const counts = Object.entries(statuses).map(([status, count]) => `${count} x ${status}`)
  return `${name.padEnd(44)} ${per_second.toFixed(0).padStart(6)}/s  p50 ${p50_ms.toFixed(1)} ms  p99 ${p99_ms.toFixed(1)} ms  ${counts.join(', ')}`
}
