// A manager of the large agency, in a browser and at the API.
import assert from 'node:assert/strict'
import type { Browser, BrowserContext } from 'playwright-core'
import { demo_password } from '../../../../src/commands/demo.ts'

export interface Session {
  readonly address: string
  /** Signed in. Pages of it share the cache of a browser that has been there before. */
  readonly context: BrowserContext
  readonly token: string
  /** Sends a request with the token of the manager. */
  readonly ask: (method: string, path: string, body?: object, headers?: Record<string, string>) => Promise<Response>
}

const email = 'manager@portfolio.example'

export async function signInWithBrowser(browser: Browser, address: string): Promise<Session> {
  const context = await browser.newContext({
    baseURL: address,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
  })
  context.setDefaultTimeout(120_000)
  const page = await context.newPage()
  await page.goto('/sign-in')
  await page.fill('input[name=email]', email)
  await page.fill('input[name=password]', demo_password)
  await page.locator('button[type=submit]').click()
  await page.waitForURL(/\/(today|calendar)/)
  await page.close()
  const login = await fetch(`${address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: demo_password }),
  })
  assert.equal(login.status, 200)
  const { token } = (await login.json()) as { token: string }
  return {
    address,
    context,
    token,
    ask: (method, path, body, headers = {}) =>
      fetch(`${address}/api/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }), ...headers },
        ...(body && { body: JSON.stringify(body) }),
      }),
  }
}

/** The date so many days from today. */
export const dayAt = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10)
