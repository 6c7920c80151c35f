// A day of an admin, an accountant and an owner, through the page: what they do and see is in the API, and nothing else is there.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { operatorOf } from '../../src/core/auth/actors.ts'
import { setFeature } from '../../src/features/entitlements/entitlements.ts'
import { castProperties, north } from '../cast.ts'
import { localToday, must, stay } from '../steps.ts'
import { until } from '../until.ts'
import { assertAbsent, bookingPanel } from './screen.ts'
import { serveConsole } from './service.ts'

const service = await serveConsole()
const { admin, manager, accountant, owner, store } = service
const { lake, forest } = castProperties

const guest = { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com', phone: '+43 1 234567' }
const contacts = /ada@example\.com|234567/
const more = { guest, paid_cents: 12_345, internal_notes: 'Asks for a discount' }
const booking = must(201, await manager.post('bookings', stay(lake.id, localToday(), 3, more))).body
const other = must(201, await manager.post('bookings', stay(forest.id, localToday(), 3, { guest }))).body

const signedIn = async (...args: Parameters<typeof service.signedIn>) => {
  const visited = await service.signedIn(...args)
  await visited.settle()
  return visited
}

/** The content of the file that the button saves. */
async function savedBy(page: Page, name: string): Promise<string> {
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name }).click()
  return readFileSync(await (await saved).path(), 'utf8')
}

const textOf = (page: Page) => page.evaluate(() => document.body.innerText)

test('an admin invites a person and gets the link that is shown once', async () => {
  const { page, problems } = await signedIn('admin', '/team')
  await page.getByRole('button', { name: 'Invite' }).click()
  const dialog = page.getByRole('dialog', { name: 'Invite a person' })
  await dialog.getByLabel('E-mail').fill('new@example.com')
  await dialog.getByLabel('Name').fill('Nora New')
  await dialog.getByRole('radio', { name: 'Accountant' }).check()
  await dialog.getByRole('button', { name: 'Invite' }).click()
  const shown = page.getByRole('dialog', { name: 'new@example.com is invited' })
  await shown.getByText(/https?:\/\/\S+/).waitFor()
  await shown.getByRole('button', { name: 'Close' }).last().click()
  await page.getByRole('table', { name: 'Open invitations' }).getByText('Nora New').waitFor()
  const { items } = must(200, await admin.get('team/invitations')).body
  assert.deepEqual(
    items.map(({ email, role }: { email: string; role: string }) => [email, role]),
    [['new@example.com', 'accountant']],
  )
  assert.deepEqual(problems, [])
})

test('an admin changes a setting, undoes it, and finds both changes in the audit log', async () => {
  const { page, problems } = await signedIn('admin', '/settings')
  const before = must(200, await admin.get('agency')).body
  await page.getByLabel('Minutes of a hold').fill('45')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Settings saved.').waitFor()
  assert.equal((await admin.get('agency')).body.hold_minutes, 45)
  await page.getByRole('button', { name: 'Undo (Z)' }).click()
  await until(async () => (await admin.get('agency')).body.hold_minutes === before.hold_minutes)
  await page.getByRole('link', { name: 'Audit log' }).click()
  const rows = page.getByRole('row').filter({ hasText: 'Agency: changed' })
  await rows.filter({ hasText: `Minutes of a hold: ${before.hold_minutes} → 45` }).waitFor()
  await rows.filter({ hasText: `Minutes of a hold: 45 → ${before.hold_minutes}` }).waitFor()
  const file = await savedBy(page, 'Save as CSV')
  assert.equal(file.match(/agency\.updated/g)?.length, 2)
  await page.getByRole('button', { name: 'Booking: created' }).first().click()
  await bookingPanel(page).getByRole('heading', { name: 'Ada Lovelace' }).waitFor()
  assert.deepEqual(problems, [])
})

test('an admin sees the features that the operator has switched on, and no switch', async () => {
  await store.db.tenantTx(operatorOf(north), (tx) => setFeature(tx, 'owner_portal', true))
  const { page, problems } = await signedIn('admin', '/settings')
  const features = page.locator('section', { has: page.getByRole('heading', { name: 'Optional features' }) })
  const { items } = must(200, await admin.get('features')).body
  const stateOf = (one: { is_in_deployment: boolean; is_enabled: boolean }) =>
    one.is_in_deployment ? (one.is_enabled ? 'on' : 'off') : 'not in this installation'
  const portal = items.find(({ name }: { name: string }) => name === 'owner_portal')
  await features.locator('> div', { hasText: 'Owner portal' }).getByText(stateOf(portal), { exact: true }).waitFor()
  await assertAbsent(features.getByRole('switch'))
  await assertAbsent(features.getByRole('button'))
  assert.deepEqual(problems, [])
})

test('an accountant reads the report and saves it, with the figures of the API', async () => {
  const { page, problems } = await signedIn('accountant', '/reports')
  const year = localToday().slice(0, 4)
  const range = `from=${year}-01-01&to=${Number(year) + 1}-01-01`
  const { totals } = must(200, await accountant.get(`reports?${range}&group_by=property`)).body
  await page.getByText('Home', { exact: true }).click()
  const table = page.getByRole('table', { name: 'Report' })
  await table.getByRole('rowheader', { name: lake.name }).waitFor()
  const money = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' })
  const { nights_sold, money: sums } = totals.current
  const total = table.getByRole('row').last()
  await total.getByText(String(nights_sold), { exact: true }).waitFor()
  await total.getByText(money.format(sums[0].revenue_cents / 100), { exact: true }).waitFor()
  const file = await savedBy(page, 'Save as CSV')
  const revenues = file.split('\r\n').filter((line) => line.startsWith(lake.name) || line.startsWith(forest.name))
  assert.equal(revenues.length, 2, file)
  assert.deepEqual(problems, [])
})

test('an accountant sees prices, nothing of the guest, and no control that changes anything', async () => {
  const { page, settle, problems } = await signedIn('accountant', '/bookings')
  const row = page.getByRole('row').filter({ hasText: booking.reference })
  const seen = must(200, await accountant.get(`bookings/${booking.id}`)).body
  assert.equal(seen.guest, undefined)
  const money = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' })
  await row
    .first()
    .getByText(money.format(seen.total_cents / 100))
    .waitFor()
  assert.match(await savedBy(page, 'Save as CSV'), new RegExp(booking.reference))
  await row.first().click()
  await bookingPanel(page).getByText('€123.45').waitFor()
  for (const name of ['Guest', 'Notes', 'History']) await assertAbsent(page.getByRole('tab', { name }))
  for (const path of ['/bookings', `/calendar?over=booking&id=${booking.id}`, '/today', '/settings']) {
    await page.goto(path)
    await settle()
    assert.doesNotMatch(await textOf(page), /Lovelace|discount/, path)
    assert.doesNotMatch(await textOf(page), contacts, path)
    for (const name of ['New booking', 'Check in', 'Change dates', 'More steps', 'Record', 'Save', 'Invite', 'Block'])
      await assertAbsent(page.getByRole('button', { name: new RegExp(`^${name}($| (?!as CSV))`) }))
  }
  assert.deepEqual(problems, [])
})

test('an owner sees the own home and its bookings, no contacts of guests, and no other home', async () => {
  const { page, settle, problems } = await signedIn('owner', '/properties')
  const { items } = must(200, await owner.get('properties')).body
  assert.deepEqual(
    items.map(({ name }: { name: string }) => name),
    [lake.name],
  )
  const screens = ['/properties', `/properties/${lake.id}`, '/bookings', '/calendar', '/today', '/reports?by=property']
  for (const path of [...screens, `/bookings?over=booking&id=${booking.id}`]) {
    await page.goto(path)
    await settle()
    const text = await textOf(page)
    assert.doesNotMatch(text, contacts, path)
    assert.doesNotMatch(text, new RegExp(`${forest.name}|${other.reference}|discount`), path)
    for (const name of ['New booking', 'New home', 'Change dates', 'More steps', 'Check in', 'Record'])
      await assertAbsent(page.getByRole('button', { name: new RegExp(`^${name}($| )`) }))
  }
  await bookingPanel(page).getByText(booking.reference).waitFor()
  await assertAbsent(bookingPanel(page).getByRole('tab', { name: 'Notes' }))
  assert.deepEqual(problems, [])
})

test('an owner blocks nights of the own home, is offered no other, and frees them again', async () => {
  const { page, problems } = await signedIn('owner', '/calendar')
  await page.keyboard.press('b')
  const form = page.getByRole('dialog', { name: 'Block nights' })
  await form.getByLabel('Homes').click()
  const option = page.getByRole('option')
  await option.first().waitFor()
  assert.deepEqual(await option.allInnerTexts(), [lake.name])
  await option.click()
  await form.getByLabel('First night').fill(localToday(30))
  await form.getByLabel('Free again from').fill(localToday(33))
  await form.getByRole('button', { name: 'Block the nights' }).click()
  await page.getByText('The nights are blocked.').waitFor()
  const blocks = async () => must(200, await manager.get(`availability/blocks?property_id=${lake.id}`)).body.items
  assert.deepEqual(
    (await blocks()).map((one: { start_date: string; end_date: string }) => [one.start_date, one.end_date]),
    [[localToday(30), localToday(33)]],
  )
  await page.getByRole('button', { name: 'Undo (Z)' }).click()
  await until(async () => (await blocks()).length === 0)
  assert.deepEqual(problems, [])
})

test('an owner who opens the address of another page or home is told so, and sees nothing of it', async () => {
  const { page } = await signedIn('owner', '/today')
  for (const path of ['/guests', '/team', '/import', '/operations', '/settings/audit-log']) {
    await page.goto(path)
    await page.getByRole('heading', { name: 'Your role does not have this page' }).waitFor()
  }
  for (const path of [`/properties/${forest.id}`, `/bookings?over=booking&id=${other.id}`]) {
    await page.goto(path)
    await page.getByText('does not exist, or you may not see it').waitFor()
    assert.doesNotMatch(await textOf(page), new RegExp(`${forest.name}|${other.reference}`), path)
  }
})
