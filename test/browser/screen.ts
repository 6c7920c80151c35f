// Parts of the screen that several tests look at.
import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'

/** The list of a page with this heading. */
export const section = (page: Page, name: string): Locator =>
  page.locator('section', { has: page.getByRole('heading', { name: new RegExp(`^${name}( \\d+)?$`) }) })

export const bookingPanel = (page: Page): Locator => page.getByRole('dialog', { name: 'Booking', exact: true })

/** What a role may not do is not in the page: neither hidden by a style nor disabled. */
export async function assertAbsent(locator: Locator): Promise<void> {
  assert.equal(await locator.count(), 0, `${locator} is in the page`)
}
