// A service with the built console for the browser tests, and people who sign in through its page.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { sealAudit } from '../../src/core/events/sealer.ts'
import { type PlayerName, password, players } from '../cast.ts'
import { cast, type Fixture, type FixtureOptions } from '../harness.ts'
import { type Visit, type VisitOptions, visit } from './browser.ts'

const root = join(import.meta.dirname, '..', '..')

/** Ends what a service runs beside its API; registered before the fixture closes its database. */
const before_close: (() => Promise<void>)[] = []
after(async () => {
  for (const end of before_close) await end()
})

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
  const fixture = await cast(options)
  sealContinuously(fixture)
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
function sealContinuously({ store }: Fixture): void {
  let is_over = false
  const work = (async () => {
    while (!is_over) {
      await sealAudit(store.db)
      await delay(100)
    }
  })()
  before_close.push(async () => {
    is_over = true
    await work
  })
}

export async function signIn(page: Visit['page'], email: string, secret = password): Promise<void> {
  await page.fill('input[name=email]', email)
  await page.fill('input[name=password]', secret)
  await page.locator('button[type=submit]').click()
}
