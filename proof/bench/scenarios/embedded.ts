// Lists of 20 bookings per second on the embedded database, with demo data and with 200,000 bookings.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseConfig } from '../../../src/config.ts'
import { createLog } from '../../../src/core/log.ts'
import { openEmbedded } from '../../../src/core/postgres/embedded.ts'
import { migrateUp, openStore } from '../../../src/store.ts'
import { createFolder } from '../../scorecard/environment/cluster.ts'
import { startRoost } from '../../scorecard/environment/roost-process.ts'
import { fill, issueTokens, jwt_secret, standard, type Volume } from '../data.ts'
import type { Figure } from '../figures.ts'
import { runWrk } from '../wrk.ts'

export interface EmbeddedOptions {
  /** Seconds of load, after a warm-up of the same duration (5). */
  readonly seconds?: number
  /** Volume of the large database, which takes minutes to fill; 'none' skips it. */
  readonly volume?: Volume | 'none'
}

/** Target: 800 lists per second with authentication, row-level security, rate limits and log. */
export async function embedded({ seconds = 5, volume = standard }: EmbeddedOptions = {}): Promise<Figure[]> {
  const folder = await createFolder('roost-bench-embedded-')
  try {
    const demo = await measureLists(join(folder, 'demo'), seconds, fetchDemoToken)
    const figures = figuresOf('demo data', demo)
    if (volume === 'none') return figures
    const data = join(folder, 'large')
    await fillEmbedded(data, volume)
    const [token = ''] = await issueTokens(1)
    const count = volume.agencies * volume.properties * volume.bookings
    const large = await measureLists(data, seconds, async () => token)
    return [...figures, ...figuresOf(`${count.toLocaleString('en')} bookings`, large)]
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function figuresOf(data: string, { answers, seconds, p99_ms }: Awaited<ReturnType<typeof runWrk>>): Figure[] {
  return [
    { name: `${data}, lists`, value: answers / seconds, unit: '1/s', target: { at_least: 800 } },
    { name: `${data}, p99`, value: p99_ms, unit: 'ms' },
  ]
}

/** The rate limit is never reached, but every request is counted. */
async function measureLists(data: string, seconds: number, fetchToken: (address: string) => Promise<string>) {
  const env = { DATA_DIR: data, JWT_SECRET: jwt_secret, RATE_LIMIT: '1000000' }
  const service = await startRoost({ env })
  try {
    const token = await fetchToken(service.address)
    const request = `GET /api/v1/bookings?limit=20 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`
    const load = { port: service.port, requests: [request], connections: 16, seconds }
    await runWrk(load)
    const outcome = await runWrk(load)
    if (outcome.refused + outcome.broken > 0) throw new Error(`unexpected answers: ${JSON.stringify(outcome)}`)
    return outcome
  } finally {
    await service.kill('SIGINT')
  }
}

async function fetchDemoToken(address: string): Promise<string> {
  const answer = await fetch(`${address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin@alps.example', password: 'roost-demo' }),
  })
  return ((await answer.json()) as { token: string }).token
}

async function fillEmbedded(data: string, volume: Volume): Promise<void> {
  const store = await openStore(parseConfig({ DATA_DIR: data, JWT_SECRET: jwt_secret }), createLog('silent'))
  await migrateUp(store).finally(() => store.close())
  const { pool, close } = await openEmbedded(data)
  try {
    const client = await pool.connect()
    await fill(client as unknown as Parameters<typeof fill>[0], volume)
    await client.query('analyze')
    client.release()
  } finally {
    await close()
  }
}
