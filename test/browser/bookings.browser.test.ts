// Bookings in a real browser: forms while others work, the palette, closing by the keyboard.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { castProperties } from '../cast.ts'
import { must, stay } from '../steps.ts'
import { serveConsole } from './service.ts'

const service = await serveConsole()
const { manager } = service

async function book(last_name: string, check_in: string) {
  const guest = { first_name: 'Test', last_name, email: `${last_name.toLowerCase()}@example.com` }
  return must(201, await manager.post('bookings', { ...stay(castProperties.town.id, check_in), guest })).body
}

test('Escape closes the form for a new booking', async () => {
  const { page, settle, problems } = await service.signedIn('manager', '/calendar')
  await settle()
  await page.keyboard.press('n')
  const form = page.getByRole('dialog', { name: 'New booking' })
  await form.waitFor()
  await page.keyboard.press('Escape')
  await form.waitFor({ state: 'detached' })
  assert.deepEqual(problems, [])
})

test('Escape closes what is over the form first: the list of a field, or a dialog', async () => {
  const { page, problems } = await service.signedIn('manager', '/bookings?over=new_block')
  const form = page.getByRole('dialog', { name: 'Block nights' })
  await form.getByLabel('Homes').fill('Lake')
  const option = page.getByRole('option', { name: castProperties.lake.name })
  await option.click()
  await form.getByLabel('Homes').fill('Forest')
  await page.getByRole('option', { name: castProperties.forest.name }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('option').first().waitFor({ state: 'hidden' })
  await form.getByText(castProperties.lake.name).waitFor()
  const { id } = await book('Escape', '2029-09-01')
  await page.goto(`/bookings?over=booking&id=${id}`)
  await page.getByRole('button', { name: 'Change dates, home or people' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change dates, home or people' })
  await dialog.getByLabel('Arrival').focus()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  const panel = page.getByRole('dialog', { name: 'Booking', exact: true })
  assert.equal(await panel.count(), 1)
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })
  assert.deepEqual(problems, [])
})

test('notes that are being typed survive a change of the booking by somebody else', async () => {
  const booking = await book('Notiz', '2029-05-01')
  const { page, problems } = await service.signedIn('manager', '/bookings')
  await page.goto(`/bookings?over=booking&id=${booking.id}`)
  await page.getByRole('tab', { name: 'Notes' }).click()
  const field = page.getByLabel('Notes of the office')
  await field.fill('Late arrival')
  must(200, await manager.patch(`bookings/${booking.id}`, { num_pets: 1 }))
  await page.getByText('1 pet').first().waitFor()
  assert.equal(await field.inputValue(), 'Late arrival')
  must(200, await manager.patch(`bookings/${booking.id}`, { internal_notes: 'Brings a dog' }))
  await page.getByText('Somebody else has changed this meanwhile.').waitFor()
  assert.equal(await field.inputValue(), 'Late arrival')
  await page.getByRole('button', { name: 'Show theirs' }).click()
  assert.equal(await field.inputValue(), 'Brings a dog')
  assert.deepEqual(problems, [])
})

test('notes that are being typed into a block survive a change of its dates by somebody else', async () => {
  const nights = { property_id: castProperties.town.id, start_date: '2029-08-01', end_date: '2029-08-05' }
  const block = must(
    201,
    await manager.post('availability/blocks', { ...nights, reason: 'other', notes: 'paint' }),
  ).body
  const { page, problems } = await service.signedIn('manager', '/bookings')
  await page.goto(`/bookings?over=block&id=${block.id}`)
  const field = page.getByLabel('Notes')
  await field.fill('Paint and floor')
  must(200, await manager.patch(`availability/blocks/${block.id}`, { end_date: '2029-08-07' }))
  await page.locator('input[value="2029-08-07"]').waitFor()
  assert.equal(await field.inputValue(), 'Paint and floor')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('The block is changed.').waitFor()
  const { end_date, notes } = must(200, await manager.get(`availability/blocks/${block.id}`)).body
  assert.deepEqual([end_date, notes], ['2029-08-07', 'Paint and floor'])
  assert.deepEqual(problems, [])
})

test('Enter in the palette opens what belongs to the text, not what was shown before', async () => {
  const [first, second] = [await book('Erstmann', '2029-06-01'), await book('Zweitfrau', '2029-07-01')]
  const { page, settle, problems } = await service.signedIn('manager', '/today')
  await settle()
  await page.keyboard.press('Control+k')
  const field = page.getByRole('combobox', { name: 'Find' })
  await field.fill('Erstmann')
  await page.getByRole('option', { name: first.reference }).waitFor()
  await field.fill('Zweitfrau')
  await field.press('Enter')
  await page.getByRole('dialog', { name: 'Booking' }).getByText(second.reference).waitFor()
  assert.deepEqual(problems, [])
})
