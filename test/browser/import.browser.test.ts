// A file is previewed, its titles are assigned to homes, and it is imported, in a real browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csv } from '../import-files.ts'
import { must } from '../steps.ts'
import { serveConsole } from './service.ts'

const service = await serveConsole()
const { admin } = service
const columns = [
  'Confirmation code',
  'Status',
  'Guest name',
  'Contact',
  '# of adults',
  '# of children',
  '# of infants',
  'Start date',
  'End date',
  '# of nights',
  'Booked',
  'Listing',
  'Earnings',
]
const row = (code: string, from: string, to: string, listing: string) => [
  ...[code, 'Confirmed', '<b>Ada</b> Lovelace', '', '2', '0', '0', from, to, '', '2025-01-01', listing, '€412.50'],
]
const file = (content: string, name = 'reservations.csv') => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(content),
})

test('a file shows what it would do, and is imported when the admin says so', async () => {
  const { page, problems, settle } = await service.signedIn('admin', '/import')
  const rows = [row('HM1', '2031-07-14', '2031-07-17', 'Lake House'), row('HM2', '2031-08-14', '2031-08-17', 'Seehaus')]
  await page.setInputFiles('input[type=file]', file(csv(columns, ...rows)))
  await page.getByText('Recognised as').waitFor()
  assert.deepEqual((await admin.get('bookings?source=airbnb')).body.items, [])
  await page.getByRole('combobox', { name: 'Seehaus' }).fill('Lake')
  await page.getByRole('option', { name: 'Lake House' }).click()
  await page.getByRole('button', { name: 'Use these homes' }).click()
  await page.getByRole('button', { name: 'Import 2 rows' }).click()
  await page.getByText('The import is complete').waitFor()
  assert.equal(must(200, await admin.get('bookings?source=airbnb')).body.items.length, 2)
  await page.getByRole('link', { name: 'To the bookings' }).click()
  await page.getByText('Lovelace').first().waitFor()
  await settle()
  assert.deepEqual(problems, [])
})

test('a file that cannot be imported says why, in German too', async () => {
  const { page } = await service.signedIn('admin', '/import', { language: 'de' })
  await page.setInputFiles('input[type=file]', file('BEGIN:VCALENDAR\r\n', 'calendar.ics'))
  await page.getByText('Das ist ein Kalender.').waitFor()
  await page.setInputFiles('input[type=file]', file(csv(columns, row('X', '1/2/2031', '3/4/2031', 'Lake House'))))
  await page.getByText('Das Datum lässt sich auf zwei Arten lesen.').waitFor()
  await page.getByRole('combobox', { name: 'Reihenfolge im Datum' }).click()
  await page.getByRole('option', { name: 'Tag, Monat, Jahr' }).click()
  await page.getByText('Erkannt als').waitFor()
})

test('a file that is dropped on the page is read like one that is chosen', async () => {
  const { page } = await service.signedIn('admin', '/import')
  const dataTransfer = await page.evaluateHandle(() => {
    const data = new DataTransfer()
    data.items.add(new File(['BEGIN:VCALENDAR'], 'dropped.ics'))
    return data
  })
  await page.getByText('Drop a file here').dispatchEvent('drop', { dataTransfer })
  await page.getByText('dropped.ics').waitFor()
  await page.getByText('This is a calendar.').waitFor()
})
