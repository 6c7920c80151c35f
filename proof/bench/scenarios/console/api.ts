// What the console asks of the API: the calendar of all homes, and how soon a change made elsewhere is on the screen.
import assert from 'node:assert/strict'
import http from 'node:http'
import { percentile } from '../../../../src/commands/verify/overlap/statistics.ts'
import type { Figure } from '../../figures.ts'
import { dayAt, type Session } from './session.ts'

const reads = 20
const changes = 20

export async function measureAnswers({ ask, address, token }: Session): Promise<Figure[]> {
  const path = `calendar?from=${dayAt(0)}&to=${dayAt(60)}`
  const first = await ask('GET', path)
  assert.equal(first.status, 200)
  const { properties } = (await first.json()) as { properties: { id: string[] } }
  const etag = first.headers.get('etag') ?? ''
  const [full, unchanged]: [number[], number[]] = [[], []]
  for (let n = 0; n < reads; n += 1) {
    full.push(await timed(async () => (await ask('GET', path)).arrayBuffer()))
    unchanged.push(await timed(() => ask('GET', path, undefined, { 'if-none-match': etag })))
  }
  const kilobytes = (await sizeOf(`${address}/api/v1/${path}`, token)) / 1000
  const what = `GET /calendar, ${properties.id.length} homes x 60 days`
  return [
    { name: `${what}: p50`, value: percentile(full, 0.5), unit: 'ms', target: { at_most: 50 } },
    { name: `${what}: compressed`, value: kilobytes, unit: 'kB', target: { at_most: 250 } },
    { name: `${what}: 304, p50`, value: percentile(unchanged, 0.5), unit: 'ms', target: { at_most: 10 } },
  ]
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Of the body as it is sent. fetch unpacks it. */
function sizeOf(url: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': 'gzip, br' }
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers }, (answer) => {
      let bytes = 0
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      answer.on('end', () => resolve(bytes))
    })
    request.on('error', reject)
  })
}

/** Bookings that somebody else takes while the calendar is open, from the request until the bar is on the screen. */
export async function measureChanges({ ask, context }: Session): Promise<Figure[]> {
  const page = await context.newPage()
  await page.goto('/calendar')
  await page.locator('[data-bar]').first().waitFor()
  const { items } = (await (
    await ask('GET', `search?check_in=${dayAt(3)}&check_out=${dayAt(5)}&limit=100`)
  ).json()) as {
    items: { id: string; name: string }[]
  }
  const homes = items.slice(0, changes)
  const seen: number[] = []
  for (const [n, { id, name }] of homes.entries()) {
    await page.getByLabel('Name or city').fill(name)
    await page.getByRole('row').filter({ hasText: name }).first().waitFor()
    const guest = { first_name: 'Seen', last_name: `Elsewhere${n}` }
    const body = { property_id: id, check_in: dayAt(3), check_out: dayAt(5), num_adults: 1, guest }
    seen.push(
      await timed(async () => {
        const { status } = await ask('POST', 'bookings', body)
        assert.equal(status, 201)
        await page.locator('[data-bar]', { hasText: guest.last_name }).first().waitFor()
      }),
    )
  }
  await page.close()
  return [
    {
      name: 'a change made elsewhere is on the screen: p99',
      value: percentile(seen, 0.99) / 1000,
      unit: 's',
      target: { at_most: 2 },
    },
  ]
}
