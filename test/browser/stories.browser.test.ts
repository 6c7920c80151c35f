// A day of staff and of a manager, through the page: what they do is in the API, and what they may not do is not on the screen.
// On both engines: the bookings of a day are what the console is for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { localToday, must, newProperty, stay } from '../steps.ts'
import { until } from '../until.ts'
import { assertAbsent, bookingPanel, section } from './screen.ts'
import { serveConsole } from './service.ts'

const service = await serveConsole()
const { manager } = service

/** A booking of a new home, from so many days before or after today. */
async function book(last_name: string, from: number, nights: number, more: object = {}) {
  const home = await newProperty(manager, { name: `${last_name} House` })
  const guest = { first_name: 'Ada', last_name, email: `${last_name.toLowerCase()}@example.com`, phone: '+43 1 234567' }
  const body = { ...stay(home, localToday(from), nights), guest, ...more }
  return must(201, await manager.post('bookings', body)).body
}

const read = async (id: string) => must(200, await manager.get(`bookings/${id}`)).body

const undoButton = (page: Page) => page.getByRole('button', { name: 'Undo (Z)' })

test('staff check a guest in and another out, and are not offered to take it back', async () => {
  const [arriving, leaving] = [await book('Curie', 0, 3), await book('Noether', -3, 3)]
  must(200, await manager.patch(`bookings/${leaving.id}/status`, { status: 'checked_in' }))
  const { page, problems } = await service.signedIn('staff', '/today')
  await section(page, 'Arrivals').getByRole('button', { name: 'Check in' }).click()
  await page.getByText('Checked in: Curie').waitFor()
  assert.equal((await read(arriving.id)).status, 'checked_in')
  await section(page, 'Arrivals').getByText('Checked in').waitFor()
  await assertAbsent(undoButton(page))
  await section(page, 'Departures').getByRole('button', { name: 'Check out' }).click()
  await page.getByText('Checked out: Noether').waitFor()
  assert.equal((await read(leaving.id)).status, 'checked_out')
  await section(page, 'Departures').getByText('Checked out').waitFor()
  await assertAbsent(undoButton(page))
  assert.deepEqual(problems, [])
})

test('staff take a booking by phone with a note, and have no steps of the office for it', async () => {
  const home = await newProperty(manager, { name: 'Phone Cottage' })
  const { page, settle, problems } = await service.signedIn('staff', '/today')
  await settle()
  await page.keyboard.press('n')
  const form = page.getByRole('dialog', { name: 'New booking' })
  await form.getByLabel('Arrival', { exact: true }).fill(localToday(40))
  await form.getByLabel('Departure', { exact: true }).fill(localToday(44))
  const choice = form.getByRole('radio', { name: 'Phone Cottage' })
  assert.deepEqual((await choice.innerText()).split('\n').filter(Boolean), [
    'Phone Cottage',
    '4 people',
    '€100.00 a night',
  ])
  await choice.click()
  await form.getByLabel('First name').fill('Grace')
  await form.getByLabel('Last name').fill('Hopper')
  await form.getByLabel('Phone').fill('+1 555 0100')
  await form.getByLabel('Notes of the office').fill('Calls again about the cot')
  await form.getByRole('button', { name: 'Book', exact: true }).click()
  const panel = bookingPanel(page)
  await panel.getByRole('heading', { name: 'Grace Hopper' }).waitFor()
  await panel.getByRole('tab', { name: 'Notes' }).click()
  await panel.getByText('Calls again about the cot').waitFor()
  const { items } = must(200, await manager.get(`bookings?property_id=${home}`)).body
  const { id } = items[0]
  assert.equal(items.length, 1)
  const { internal_notes, status, check_in, guest } = await read(id)
  assert.deepEqual([internal_notes, status, check_in], ['Calls again about the cot', 'confirmed', localToday(40)])
  assert.equal(guest.last_name, 'Hopper')
  for (const name of ['Change dates, home or people', 'More steps', 'Save the notes', 'Record'])
    await assertAbsent(panel.getByRole('button', { name }))
  await assertAbsent(panel.getByRole('tab', { name: 'History' }))
  await assertAbsent(panel.getByRole('textbox'))
  await page.keyboard.press('Control+k')
  await page.getByRole('option', { name: 'New booking' }).waitFor()
  for (const name of ['Block nights', 'Reports', 'Team', 'Import', 'Operations'])
    await assertAbsent(page.getByRole('option', { name }))
  assert.deepEqual(problems, [])
})

test('a manager checks a guest in and takes it back', async () => {
  const { id } = await book('Lovelace', 0, 2)
  const { page, problems } = await service.signedIn('manager', '/today')
  const card = section(page, 'Arrivals').locator('> div', { hasText: 'Ada Lovelace' })
  await card.getByRole('button', { name: 'Check in' }).click()
  await page.getByText('Checked in: Lovelace').waitFor()
  assert.equal((await read(id)).status, 'checked_in')
  await undoButton(page).click()
  await card.getByRole('button', { name: 'Check in' }).waitFor()
  assert.equal((await read(id)).status, 'confirmed')
  assert.deepEqual(problems, [])
})

test('a manager blocks nights of two homes and frees them with one key', async () => {
  const homes = [await newProperty(manager, { name: 'Roof One' }), await newProperty(manager, { name: 'Roof Two' })]
  const { page, settle, problems } = await service.signedIn('manager', '/calendar')
  await settle()
  await page.keyboard.press('b')
  const form = page.getByRole('dialog', { name: 'Block nights' })
  for (const name of ['Roof One', 'Roof Two']) {
    await form.getByLabel('Homes').fill(name)
    await page.getByRole('option', { name }).click()
  }
  await page.keyboard.press('Escape')
  await form.getByLabel('First night').fill(localToday(20))
  await form.getByLabel('Free again from').fill(localToday(23))
  await form.getByLabel('Notes').fill('New roof')
  await form.getByRole('button', { name: 'Block the nights of 2 homes' }).click()
  await page.getByText('The nights of 2 homes are blocked.').waitFor()
  const blocksOf = async (home: string) => {
    return must(200, await manager.get(`availability/blocks?property_id=${home}`)).body.items as {
      start_date: string
      notes: string
    }[]
  }
  for (const home of homes)
    assert.deepEqual(
      (await blocksOf(home)).map(({ start_date, notes }) => [start_date, notes]),
      [[localToday(20), 'New roof']],
    )
  await page.keyboard.press('z')
  await until(async () => (await blocksOf(homes[0]!)).length + (await blocksOf(homes[1]!)).length === 0)
  assert.deepEqual(problems, [])
})

test('a manager moves a booking to other dates and another home, and undoes it', async () => {
  const before = await book('Herschel', 60, 3)
  const other = await newProperty(manager, { name: 'Observatory' })
  const { page, problems } = await service.signedIn('manager', `/bookings?over=booking&id=${before.id}`)
  await page.getByRole('button', { name: 'Change dates, home or people' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change dates, home or people' })
  await dialog.getByLabel('Departure').fill(localToday(66))
  await dialog.getByLabel('Arrival').fill(localToday(62))
  await dialog.getByRole('combobox', { name: 'Home' }).fill('Observ')
  await page.getByRole('option', { name: 'Observatory' }).click()
  await dialog.getByRole('button', { name: 'Change', exact: true }).click()
  await bookingPanel(page).getByText('Observatory').waitFor()
  const moved = await read(before.id)
  assert.deepEqual([moved.property_id, moved.check_in, moved.num_nights], [other, localToday(62), 4])
  await undoButton(page).click()
  await bookingPanel(page).getByText('Herschel House').waitFor()
  const { property_id, check_in, check_out, total_cents } = await read(before.id)
  assert.deepEqual({ property_id, check_in, check_out, total_cents }, pick(before))
  assert.deepEqual(problems, [])
})

const pick = ({ property_id, check_in, check_out, total_cents }: Record<string, unknown>) => {
  return { property_id, check_in, check_out, total_cents }
}

test('a manager cancels a paid booking with a refund, and another without, which is undone', async () => {
  const [paid, open] = [await book('Meitner', 80, 3, { paid_cents: 20_000 }), await book('Franklin', 90, 3)]
  const { page, problems } = await service.signedIn('manager', `/bookings?over=booking&id=${paid.id}`)
  const cancel = async (refund: string) => {
    await page.getByRole('button', { name: 'More steps' }).click()
    await page.getByRole('menuitem', { name: 'Cancel …' }).click()
    const dialog = page.getByRole('dialog', { name: 'Cancel this booking' })
    await dialog.getByLabel('Reason').fill('Illness')
    await dialog.getByLabel('Refund (EUR)').fill(refund)
    await dialog.getByRole('button', { name: 'Cancel the booking' }).click()
    await page.getByText('Cancelled. The nights are free.').waitFor()
  }
  await cancel('150.50')
  const { status, refund_cents, cancellation_reason, payment_status } = await read(paid.id)
  assert.deepEqual([status, refund_cents, payment_status], ['cancelled', 15_050, 'partial_refund'])
  assert.equal(cancellation_reason, 'Illness')
  await bookingPanel(page).getByText('€150.50').waitFor()
  await assertAbsent(undoButton(page))
  await page.goto(`/bookings?over=booking&id=${open.id}`)
  await cancel('')
  assert.equal((await read(open.id)).status, 'cancelled')
  await undoButton(page).click()
  await until(async () => (await read(open.id)).status === 'confirmed')
  assert.deepEqual(problems, [])
})

test('a manager sees the team and the settings, and nothing to change them with', async () => {
  const { page, settle, problems } = await service.signedIn('manager', '/team')
  await settle()
  await assertAbsent(page.getByRole('button', { name: 'Invite' }))
  await page.goto('/settings')
  await page.getByText('An admin of the agency can change this.').waitFor()
  await assertAbsent(page.getByRole('main').getByRole('textbox'))
  for (const name of ['Save', 'Audit log', 'Optional features'])
    await assertAbsent(page.getByText(name, { exact: true }))
  assert.deepEqual(problems, [])
})
