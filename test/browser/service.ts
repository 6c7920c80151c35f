// A service with the built console for the browser tests, and people who sign in through its page.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { sealAudit } from '../../src/core/events/sealer.ts'
import { type PlayerName, password, players } from '../cast.ts'
import { cast, type Fixture, type FixtureOptions } from '../harness.ts'
import { openBrowser, type Visit, type VisitOptions, visit } from './browser.ts'

const root = join(import.meta.dirname, '..', '..')

export interface Service extends Fixture {
  readonly base: string
  /** A new browser in which this person is signed in, at this path. */
  readonly signedIn: (name: PlayerName, path: string, options?: VisitOptions) => Promise<Visit>
}

/** Builds the console when it is not built, as npm start does. */
function requireConsole(): void {
  const { buildConsole } = createRequire(import.meta.url)(join(root, 'bin', 'build-console.cjs'))
  assert.equal(buildConsole({ if_stale: true }), 0, 'the console could not be built')
  assert.ok(existsSync(join(root, 'web', 'dist', 'index.html')))
}

export async function serveConsole(options: FixtureOptions = {}): Promise<Service> {
  requireConsole()
  await openBrowser()
  let is_over = false
  let sealing: Promise<void> | undefined
  const fixture = await cast({
    ...options,
    extend: (app) => {
      app.addHook('preClose', async () => {
        is_over = true
        await sealing
      })
    },
  })
  sealing = sealUntil(fixture, () => is_over)
  await fixture.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = fixture.app.server.address() as AddressInfo
  const base = `http://127.0.0.1:${port}`
  return Object.assign(Object.create(fixture) as Fixture, {
    base,
    async signedIn(name: PlayerName, path: string, how: VisitOptions = {}) {
      const visited = await visit(base, how)
      await visited.page.goto(`/sign-in?next=${encodeURIComponent(path)}`)
      await signIn(visited.page, players[name].email)
      await visited.page.waitForURL((url) => url.pathname === path.split('?')[0])
      return visited
    },
  })
}

/** Seals what happens, as the worker of a service does: without that no change reaches a stream. */
async function sealUntil({ store }: Fixture, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await sealAudit(store.db)
    await delay(100)
  }
}

export async function signIn(page: Visit['page'], email: string, secret = password): Promise<void> {
  await page.fill('input[name=email]', email)
  await page.fill('input[name=password]', secret)
  await page.locator('button[type=submit]').click()
}
