// The pages of each role: its navigation has them, they work, and the others ask for no data.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlayerName } from '../cast.ts'
import { castProperties } from '../cast.ts'
import { serveConsole } from './service.ts'

const service = await serveConsole()

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
