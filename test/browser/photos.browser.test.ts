// Pictures of a home in a real browser: upload, refusal, order, text, deletion, and the cover in lists.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import sharp from 'sharp'
import { createFolderStore } from '../../src/core/media/folder.ts'
import { processPhotos } from '../../src/features/photos/processing.ts'
import type { Photo } from '../../src/features/photos/schema.ts'
import { castProperties } from '../cast.ts'
import { must } from '../steps.ts'
import { until } from '../until.ts'
import { serveConsole } from './service.ts'

const service = await serveConsole()
const { lake } = castProperties
const media = createFolderStore(join(service.config.data_dir, 'media'))
/** What the worker does when a picture was added. */
const process = () => processPhotos({ db: service.store.db, media }, lake.agency_id)
const photos = async (): Promise<Photo[]> =>
  must(200, await service.admin.get(`photos?property_id=${lake.id}`)).body.items
const picture = async (name: string, background: string) => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await sharp({ create: { width: 640, height: 480, channels: 3, background } })
    .jpeg()
    .toBuffer(),
})
const openPictures = async (role: 'manager' | 'staff', language: 'de' | 'en' = 'en') => {
  const visited = await service.signedIn(role, `/properties/${lake.id}`, { language })
  await visited.page.getByRole('tab', { name: language === 'de' ? 'Bilder' : 'Pictures' }).click()
  return visited
}

test('pictures are uploaded, shown when they are ready, described, and put into another order', async () => {
  const { page, problems, settle } = await openPictures('manager')
  const files = [await picture('red.jpg', '#a33'), await picture('blue.jpg', '#33a')]
  await page.setInputFiles('input[type=file]', files)
  await page.getByText('Being prepared').nth(1).waitFor()
  await process()
  await page.getByRole('listitem').nth(1).locator('img').waitFor()
  const [red, blue] = await photos()
  await page.getByRole('textbox', { name: 'What picture 2 shows' }).fill('The kitchen')
  await page.keyboard.press('Enter')
  await until(async () => (await photos())[1]?.alt_text === 'The kitchen')
  await page.getByRole('button', { name: 'Move picture 2 forward' }).click()
  await until(async () => (await photos())[0]?.id === blue?.id)
  await page.getByRole('button', { name: 'Undo' }).click()
  await until(async () => (await photos())[0]?.id === red?.id)
  await settle()
  assert.deepEqual(problems, [])
})

test('a file that is no picture is refused by name, and the others are uploaded', async () => {
  const before = (await photos()).length
  const { page } = await openPictures('manager', 'de')
  const wrong = { name: '<img src=x onerror=alert(1)>.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<svg/>') }
  await page.setInputFiles('input[type=file]', [wrong, await picture('green.jpg', '#3a3')])
  await page.getByText(`${wrong.name}: Das ist kein Bild`).waitFor()
  await until(async () => (await photos()).length === before + 1)
})

test('a picture is deleted after a question, and the list of homes shows the cover', async () => {
  await process()
  const { page } = await openPictures('manager')
  const before = await photos()
  await page.getByRole('button', { name: 'Delete picture 1' }).click()
  await page.getByRole('button', { name: 'Keep' }).click()
  await page.getByRole('button', { name: 'Delete picture 1' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await until(async () => (await photos()).length === before.length - 1)
  const cover = (await photos())[0]?.images[0]?.url ?? ''
  await page.getByRole('link', { name: 'All homes' }).click()
  await page.locator(`img[src="${cover}"]`).waitFor()
})

test('people who may not change a home look at its pictures only', async () => {
  const { page } = await openPictures('staff')
  await page.getByRole('listitem').first().waitFor()
  assert.deepEqual(
    [await page.locator('input[type=file]').count(), await page.getByRole('button', { name: /picture/ }).count()],
    [0, 0],
  )
})
