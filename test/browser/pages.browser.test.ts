// Every page in both themes, on a desk and a phone, for each role: no error, no refused resource, no serious finding of axe, no
// horizontal scroll; hostile names are only text.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { consolePaths } from '../../src/http/console.ts'
import type { PlayerName } from '../cast.ts'
import { castProperties } from '../cast.ts'
import { must, stay } from '../steps.ts'
import { serveConsole } from './service.ts'

const service = await serveConsole()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The pages of the admin. */
const paths = [
  ...consolePaths.filter((path) => path !== '/sign-in'),
  '/settings/account',
  '/settings/audit-log',
  `/properties/${castProperties.lake.id}`,
]

const hostile = '<img src=x onerror="window.hacked=1">"\'><script>window.hacked=1</script>'
const long = 'W'.repeat(100)

const { manager } = service
const { guest } = must(
  201,
  await manager.post('bookings', {
    ...stay(castProperties.town.id, '2029-03-01'),
    guest: { first_name: hostile, last_name: long, email: 'hostile@example.com' },
    internal_notes: hostile,
  }),
).body
await manager.patch(`properties/${castProperties.town.id}`, { name: `${hostile}${long}`, city: long })
paths.push(`/guests/${guest.id}`)

/** Serious and critical findings, with the element. Evaluated by the debugger, which the policy of the page does not concern. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  return page.evaluate(async () => {
    // biome-ignore lint/suspicious/noExplicitAny: the script defines it.
    const { violations } = await (window as any).axe.run(document, { resultTypes: ['violations'] })
    return violations
      .filter(({ impact }: { impact: string }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)
  })
}

const views = [
  { size: 'desk', scheme: 'light', language: 'en' },
  { size: 'phone', scheme: 'dark', language: 'de' },
] as const

for (const view of views) {
  test(`every page is clean: ${view.size}, ${view.scheme}, ${view.language}`, async () => {
    const { page, problems, settle } = await service.signedIn('admin', '/today', view)
    const found: string[] = []
    for (const path of paths) {
      await page.goto(path)
      await settle()
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (wide > 0) found.push(`${path}: ${wide} px too wide`)
      found.push(...(await findings(page)).map((finding) => `${path}: ${finding}`))
      assert.equal(await page.evaluate(() => (window as { hacked?: number }).hacked), undefined, path)
      assert.equal(await page.evaluate(() => document.documentElement.lang), view.language)
    }
    assert.deepEqual(found, [])
    assert.deepEqual(problems, [])
  })
}

const pagesOf: Readonly<Record<string, readonly string[]>> = {
  manager: ['Today', 'Calendar', 'Bookings', 'Guests', 'Homes', 'Reports', 'Team', 'Settings'],
  staff: ['Today', 'Calendar', 'Bookings', 'Guests', 'Homes', 'Settings'],
  owner: ['Today', 'Calendar', 'Bookings', 'Homes', 'Reports', 'Settings'],
  accountant: ['Today', 'Calendar', 'Bookings', 'Reports', 'Settings'],
}

for (const [role, names] of Object.entries(pagesOf)) {
  test(`the navigation of ${role} has the pages of the role, and each works`, async () => {
    const { page, problems, settle } = await service.signedIn(role as PlayerName, '/today')
    await settle()
    const links = page.getByRole('navigation').getByRole('link')
    const found = await links.evaluateAll((all) => all.map((link) => link.getAttribute('aria-label')))
    assert.deepEqual(found.slice(1), names)
    for (const name of names) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
      await settle()
    }
    assert.deepEqual(problems, [])
  })
}

test('a page that the role does not have says so, and asks for no data', async () => {
  const { page, problems, settle } = await service.signedIn('accountant', '/today')
  for (const path of [
    '/guests',
    '/team',
    '/operations',
    '/settings/audit-log',
    `/properties/${castProperties.lake.id}`,
  ]) {
    await page.goto(path)
    await page.getByRole('heading', { name: 'Your role does not have this page' }).waitFor()
    await settle()
  }
  assert.deepEqual(problems, [])
})
