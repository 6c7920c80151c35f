// What somebody at the screen notices: the first view, keys, scrolling, memory.
import type { Browser, Page } from 'playwright-core'
import { percentile } from '../../../../src/commands/verify/overlap/statistics.ts'
import { type Figure, spreadOf } from '../../figures.ts'
import type { Session } from './session.ts'
import { readTrace } from './trace.ts'

/** Run by the browser. As texts, because the types of a page are not those of this project. */
const inPage = {
  firstView: `({
    paint_ms: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
    script_kb: performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize / 1000, 0),
  })`,
  observeKeys: `{
    window.durations = []
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) if (name === 'keydown') window.durations.push(duration)
    }).observe({ type: 'event', durationThreshold: 16 })
  }`,
  frame: 'new Promise(requestAnimationFrame)',
  twoFrames: 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
}

const views = 5
const keys = 60
const wheel_px = 600

interface View {
  readonly paint_ms: number
  readonly content_ms: number
  readonly script_kb: number
}

/** Of a browser that has been there before: scripts come from its cache, data from the service. */
export async function measureFirstView({ context }: Session): Promise<Figure[]> {
  const today: View[] = []
  for (let n = 0; n < views; n += 1) today.push(await firstView(await context.newPage(), '/today', 'h2'))
  const calendar: View[] = []
  for (let n = 0; n < views; n += 1) calendar.push(await firstView(await context.newPage(), '/calendar', '[data-bar]'))
  const of = (all: readonly View[], what: (view: View) => number) => spreadOf(all.map(what)).median
  return [
    seconds(
      'first view: first contentful paint',
      of(today, ({ paint_ms }) => paint_ms),
      0.5,
    ),
    seconds(
      'first view: Today with its lists',
      of(today, ({ content_ms }) => content_ms),
      1,
    ),
    {
      name: 'first view: JavaScript, compressed',
      value: of(today, ({ script_kb }) => script_kb),
      unit: 'kB',
      target: { at_most: 300 },
    },
    seconds(
      'calendar: first rows',
      of(calendar, ({ content_ms }) => content_ms),
      1.5,
    ),
  ]
}

const seconds = (name: string, ms: number, limit: number): Figure => {
  return { name, value: ms / 1000, unit: 's', target: { at_most: limit } }
}

async function firstView(page: Page, path: string, selector: string): Promise<View> {
  const began = performance.now()
  await page.goto(path, { waitUntil: 'commit' })
  await page.locator(selector).first().waitFor()
  const content_ms = performance.now() - began
  const found = await page.evaluate<Omit<View, 'content_ms'>>(inPage.firstView)
  await page.close()
  return { ...found, content_ms }
}

async function openCalendar({ context }: Session): Promise<Page> {
  const page = await context.newPage()
  await page.goto('/calendar')
  await page.locator('[data-bar]').first().waitFor()
  return page
}

/** Moves the cursor through the calendar: from the key until the next paint, as the browser measures it (Event Timing, W3C). */
export async function measureKeys(session: Session): Promise<Figure[]> {
  const page = await openCalendar(session)
  await page.evaluate(inPage.observeKeys)
  await page.getByRole('grid').focus()
  for (let n = 0; n < keys; n += 1) {
    await page.keyboard.press(n % 3 === 0 ? 'ArrowRight' : 'ArrowDown')
    await page.evaluate(inPage.twoFrames)
  }
  const durations = await page.evaluate<number[]>('window.durations')
  await page.close()
  // Faster ones than 16 ms are not reported.
  const all = [...Array.from({ length: Math.max(0, keys - durations.length) }, () => 16), ...durations]
  return [
    {
      name: 'calendar: from a key to the next paint, p95',
      value: percentile(all, 0.95),
      unit: 'ms',
      target: { at_most: 100 },
    },
  ]
}

/** By the wheel through all rows, and through a year of days. */
export async function measureScrolling(browser: Browser, session: Session): Promise<Figure[]> {
  const page = await openCalendar(session)
  const grid = page.getByRole('grid')
  const box = await grid.boundingBox()
  await page.mouse.move((box?.x ?? 0) + 600, (box?.y ?? 0) + 400)
  const [height, width] = await grid.evaluate((element) => [element.scrollHeight, element.scrollWidth])
  await browser.startTracing(page, {
    categories: [
      'devtools.timeline',
      'disabled-by-default-devtools.timeline',
      'disabled-by-default-devtools.timeline.frame',
      'devtools.timeline.frame',
      'toplevel',
    ],
  })
  for (let y = 0; y < (height ?? 0); y += wheel_px) await turnWheel(page, 0, wheel_px)
  for (let x = 0; x < (width ?? 0); x += wheel_px) await turnWheel(page, wheel_px, 0)
  const { longest_task_ms, frame_ms, num_frames } = readTrace(await browser.stopTracing())
  await page.close()
  return [
    {
      name: 'calendar, scrolling: longest task of the main thread',
      value: longest_task_ms,
      unit: 'ms',
      target: { at_most: 50 },
    },
    {
      name: 'calendar, scrolling: main thread per frame, median',
      value: frame_ms,
      unit: 'ms',
      target: { at_most: 10 },
    },
    { name: 'calendar, scrolling: frames', value: num_frames, unit: '' },
  ]
}

async function turnWheel(page: Page, x: number, y: number): Promise<void> {
  await page.mouse.wheel(x, y)
  await page.evaluate(inPage.frame)
}

/** The heap of the page after scrolling, opening and closing for so many seconds, when the garbage is collected. */
export async function measureMemory(session: Session, use_seconds: number): Promise<Figure[]> {
  const page = await openCalendar(session)
  const box = await page.getByRole('grid').boundingBox()
  await page.mouse.move((box?.x ?? 0) + 600, (box?.y ?? 0) + 400)
  const end = performance.now() + use_seconds * 1000
  for (let round = 0; performance.now() < end; round += 1) {
    // Back in the next round, to the days that have bookings.
    const way = round % 2 === 0 ? 1 : -1
    for (let n = 0; n < 20; n += 1) await turnWheel(page, n % 5 === 0 ? 400 * way : 0, 900 * way)
    await page.locator('[data-bar]').first().press('Enter')
    await page.keyboard.press('Escape')
  }
  const client = await page.context().newCDPSession(page)
  await client.send('HeapProfiler.collectGarbage')
  await client.send('Performance.enable')
  const { metrics } = await client.send('Performance.getMetrics')
  const bytes = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN
  await page.close()
  return [
    {
      name: `calendar: memory after ${use_seconds} s of use`,
      value: bytes / 1e6,
      unit: 'MB',
      target: { at_most: 250 },
    },
  ]
}
