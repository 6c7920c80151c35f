// A real browser for tests: Chromium of the system, as on a desk or a phone, in German or English, light or dark.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach } from 'node:test'
import { type Browser, type BrowserContext, chromium, type Page, type Request } from 'playwright-core'
import { until } from '../until.ts'
import { chromiumPath } from './chromium-path.ts'

const sizes = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const

const screenshots = join(import.meta.dirname, '..', '..', '.test', 'screenshots')

export interface VisitOptions {
  readonly size?: keyof typeof sizes
  readonly language?: 'de' | 'en'
  readonly scheme?: 'light' | 'dark'
  readonly time_zone?: string
  /** The context of another visit: a second tab of the same browser. */
  readonly context?: BrowserContext
}

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of the page, its dialogs (alert), refused resources and requests that failed; those of the first refresh are expected. */
  readonly problems: string[]
  /** Waits until every request of the page is answered; the stream of changes never is. */
  readonly settle: () => Promise<void>
}

let browser: Browser | undefined

/** Starts the browser of a test file, whose pages are closed after each test. Call it once in each file. */
export async function openBrowser(): Promise<void> {
  assert.ok(chromiumPath, 'no Chromium')
  const own = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu'],
    ...(process.env.BROWSER === 'show' && { headless: false, slowMo: 300 }),
  })
  browser = own
  // An open page reads every change, also those of the next test.
  afterEach(async (context) => {
    await keepScreenshots(own, context as unknown as Finished)
    for (const one of own.contexts()) await one.close()
  })
  after(() => own.close())
}

/** What Node adds to the context of a test, and its types do not have yet. */
interface Finished {
  readonly name: string
  readonly passed: boolean
}

/** After a test that has failed: what its pages showed, in .test/screenshots. */
async function keepScreenshots(own: Browser, { passed, name }: Finished): Promise<void> {
  if (passed) return
  mkdirSync(screenshots, { recursive: true })
  const pages = own.contexts().flatMap((context) => context.pages())
  for (const [n, page] of pages.entries()) {
    const file = `${name.replaceAll(/\W+/g, '-').slice(0, 80)}-${n + 1}.png`
    await page.screenshot({ path: join(screenshots, file) }).catch(() => {})
  }
}

/** Opens a tab in a browser of its own. */
export async function visit(base: string, options: VisitOptions = {}): Promise<Visit> {
  const { size = 'desk', language = 'en', scheme = 'light', time_zone = 'Europe/Berlin' } = options
  assert.ok(browser, 'openBrowser() was not called')
  const context =
    options.context ??
    (await browser.newContext({
      baseURL: base,
      viewport: sizes[size],
      hasTouch: size === 'phone',
      locale: language === 'de' ? 'de-DE' : 'en-GB',
      timezoneId: time_zone,
      colorScheme: scheme,
      reducedMotion: 'reduce',
    }))
  const page = await context.newPage()
  page.setDefaultTimeout(300_000)
  const problems: string[] = []
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      problems.push(message.text())
  })
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname
    if (response.status() >= 400 && path !== '/api/v1/auth/refresh') problems.push(`${response.status()} ${path}`)
  })
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  return { page, context, problems, settle: trackRequests(page) }
}

/** Goes to a page as a click on a link does, which takes less time than to load it again. */
export const goTo = (page: Page, path: string): Promise<void> =>
  page.evaluate((to) => {
    history.pushState({}, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
  }, path)

function trackRequests(page: Page): () => Promise<void> {
  const pending = new Set<Request>()
  page.on('request', (request) => {
    if (!request.url().endsWith('/api/v1/changes')) pending.add(request)
  })
  page.on('requestfinished', (request) => pending.delete(request))
  page.on('requestfailed', (request) => pending.delete(request))
  return async () => {
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    const open = () => [...pending].map((request) => `${request.method()} ${request.url()}`)
    // An answer can lead to the next request when it is shown.
    let quiet = 0
    await until(async () => {
      await page.evaluate(frame)
      quiet = pending.size === 0 ? quiet + 1 : 0
      return quiet === 3
    }).catch(() => assert.deepEqual(open(), [], 'requests without an end'))
  }
}

/** Runs in the page: two frames. */
const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
