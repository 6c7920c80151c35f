// A day at the calendar: take a booking, see why another is refused, move a bar with the mouse and with the keys, undo it, and see
// what somebody else does.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { castProperties } from '../cast.ts'
import { dayAfter, must, stay } from '../steps.ts'
import { until } from '../until.ts'
import type { Visit } from './browser.ts'
import { serveConsole } from './service.ts'

const service = await serveConsole()
const { manager } = service
const { lake, forest } = castProperties

/** The bar of a guest in the row of the home. */
const barOf = (page: Page, name: string, home: string = lake.name) =>
  page.getByRole('row').filter({ hasText: home }).locator('[data-bar]', { hasText: name })

/** The date so many days from today: the calendar begins at today. */
const day = (n: number): string => dayAfter(new Date().toISOString().slice(0, 10), n)

/** How the screen writes a stay of a week, whatever spaces it uses. */
function stayText(from: string): RegExp {
  const format = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  return new RegExp(format.formatRange(new Date(from), new Date(dayAfter(from, 7))).replaceAll(/\s+/g, '\\s*'))
}

const bookingOf = async (id: string) => must(200, await manager.get(`bookings/${id}`)).body

async function takeBooking(check_in: string, last_name: string): Promise<string> {
  const body = { ...stay(lake.id, check_in), check_out: dayAfter(check_in, 7), guest: { first_name: 'Ada', last_name } }
  return must(201, await manager.post('bookings', body)).body.id
}

test('a booking is taken with dates, a free home and a guest, and appears in the calendar', async () => {
  const { page, problems } = await service.signedIn('staff', `/calendar?day=${day(40)}`)
  await page.getByRole('button', { name: 'New booking' }).click()
  const form = page.getByRole('dialog', { name: 'New booking' })
  await form.getByLabel('Arrival', { exact: true }).fill(day(44))
  await form.getByLabel('Departure', { exact: true }).fill(day(51))
  await form.getByRole('radio', { name: lake.name }).click()
  await form.getByLabel('First name').fill('Grace')
  await form.getByLabel('Last name').fill('Hopper')
  await form.getByRole('button', { name: 'Book', exact: true }).click()
  await page
    .getByRole('dialog', { name: 'Booking', exact: true })
    .getByRole('heading', { name: 'Grace Hopper' })
    .waitFor()
  await barOf(page, 'Grace Hopper').waitFor()
  assert.deepEqual(problems, [])
})

test('a stay on taken nights is refused before it is sent, with who has them', async () => {
  await takeBooking(day(100), 'Byron')
  const { page } = await service.signedIn(
    'staff',
    `/calendar?over=new_booking&homes=${lake.id}&from_day=${day(101)}&to_day=${day(104)}`,
  )
  const form = page.getByRole('dialog', { name: 'New booking' })
  await form.getByText(stayText(day(100))).waitFor()
})

test('a bar that is dropped on other days is moved, and Z moves it back', async () => {
  const id = await takeBooking(day(130), 'Curie')
  const { page } = await service.signedIn('manager', `/calendar?day=${day(125)}`)
  const bar = barOf(page, 'Ada Curie')
  const box = await bar.boundingBox()
  assert.ok(box)
  await page.mouse.move(box.x + 30, box.y + 15)
  await page.mouse.down()
  await page.mouse.move(box.x + 50, box.y + 15, { steps: 4 })
  await page.mouse.move(box.x + 30 + 34 * 2, box.y + 15, { steps: 6 })
  await page
    .getByText(stayText(day(132)))
    .first()
    .waitFor()
  await page.mouse.up()
  await page.getByText(`Moved: ${lake.name}`).waitFor()
  assert.equal((await bookingOf(id)).check_in, day(132))
  await page.keyboard.press('z')
  await until(async () => (await bookingOf(id)).check_in === day(130))
})

test('a bar that is dropped on taken nights goes back, and nothing is changed', async () => {
  const id = await takeBooking(day(160), 'Noether')
  await takeBooking(day(168), 'Gauss')
  const { page } = await service.signedIn('manager', `/calendar?day=${day(156)}`)
  const box = await barOf(page, 'Ada Noether').boundingBox()
  assert.ok(box)
  await page.mouse.move(box.x + 30, box.y + 15)
  await page.mouse.down()
  await page.mouse.move(box.x + 60, box.y + 15, { steps: 4 })
  await page.mouse.move(box.x + 30 + 34 * 3, box.y + 15, { steps: 6 })
  await page.getByText('Taken: Ada Gauss').first().waitFor()
  await page.mouse.up()
  assert.equal((await bookingOf(id)).check_in, day(160))
  assert.equal((await bookingOf(id)).version, 1)
})

/** Takes hold of the bar and moves the pointer by so many days and pixels. Without a drop. */
async function drag(page: Page, bar: Locator, days: number, down = 0): Promise<void> {
  const box = await bar.boundingBox()
  assert.ok(box)
  const [x, y] = [box.x + 30, box.y + 15]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 20, y, { steps: 4 })
  await page.mouse.move(x + 34 * days, y + down, { steps: 6 })
}

test('a block moves to other days in the row of its home, and to no other home', async () => {
  const body = { property_id: lake.id, start_date: day(300), end_date: day(305), reason: 'owner_use' }
  const { id } = must(201, await manager.post('availability/blocks', body)).body
  const blockOf = async () => must(200, await manager.get(`availability/blocks/${id}`)).body
  const { page, problems } = await service.signedIn('manager', `/calendar?day=${day(296)}`)
  const bar = barOf(page, 'Owner')
  const rowOf = async (home: string) => (await page.getByRole('row').filter({ hasText: home }).boundingBox())?.y ?? 0
  await bar.waitFor()
  const down = (await rowOf(forest.name)) - (await rowOf(lake.name))
  await drag(page, bar, 2, down)
  await page.getByText('A block cannot move to another home.').first().waitFor()
  await page.mouse.up()
  await drag(page, bar, 3)
  await page.mouse.up()
  await page.getByText(`Moved: ${lake.name}`).waitFor()
  const { property_id, start_date, version } = await blockOf()
  assert.deepEqual([property_id, start_date, version], [lake.id, day(303), 2])
  assert.deepEqual(problems, [])
})

test('Escape ends a drag, and nothing is changed', async () => {
  const id = await takeBooking(day(330), 'Hilbert')
  const { page } = await service.signedIn('manager', `/calendar?day=${day(326)}`)
  const bar = barOf(page, 'Ada Hilbert')
  await drag(page, bar, 2)
  const ghost = page.getByText(stayText(day(332))).first()
  await ghost.waitFor()
  await page.keyboard.press('Escape')
  await ghost.waitFor({ state: 'hidden' })
  await page.mouse.move(700, 500, { steps: 3 })
  await page.mouse.up()
  assert.equal((await bookingOf(id)).version, 1)
})

test('+ and - stop at the closest and at the widest zoom', async () => {
  const { page } = await service.signedIn('staff', '/calendar')
  await page.getByRole('grid').waitFor()
  const [wider, closer] = [
    page.getByRole('button', { name: 'Show more days' }),
    page.getByRole('button', { name: 'Show fewer days' }),
  ]
  assert.equal(await wider.isDisabled(), true)
  for (const key of ['+', '+', '+', '+']) {
    await page.keyboard.press(key)
    await page.waitForURL(/zoom=/)
  }
  await until(() => closer.isDisabled())
  assert.match(page.url(), /zoom=week/)
  for (const key of ['-', '-', '-']) await page.keyboard.press(key)
  await until(() => wider.isDisabled())
})

test('the cursor of the keys stays on the screen, and the focus in the grid', async () => {
  const { page } = await service.signedIn('staff', `/calendar?day=${day(400)}`)
  const grid = page.getByRole('grid')
  await page.getByRole('rowheader').first().waitFor()
  await page.setViewportSize({ width: 900, height: 230 })
  await grid.focus()
  for (const key of [
    'ArrowRight',
    'ArrowDown',
    'ArrowDown',
    'ArrowDown',
    ...Array.from({ length: 30 }, () => 'ArrowRight'),
  ])
    await page.keyboard.press(key)
  const [cursor, box] = [await page.locator('#calendar-cursor').boundingBox(), await grid.boundingBox()]
  assert.ok(cursor && box)
  assert.ok(cursor.x > box.x && cursor.x + cursor.width <= box.x + box.width, 'beside the grid')
  assert.ok(cursor.y > box.y && cursor.y + cursor.height <= box.y + box.height, 'above or below the grid')
  assert.equal(await grid.evaluate((element) => element === document.activeElement), true)
})

/** In Berlin it is another day than here, at any time of the day. */
function zoneOfAnotherDay(): string {
  const dayIn = (timeZone: string) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format()
  const zones = ['Pacific/Kiritimati', 'Pacific/Pago_Pago']
  return zones.find((zone) => dayIn(zone) !== dayIn('Europe/Berlin')) ?? 'UTC'
}

test('today is the day of the agency, in whichever time zone the browser is', async () => {
  const { page } = await service.signedIn('staff', '/calendar', { time_zone: zoneOfAnotherDay() })
  const name = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', day: 'numeric', month: 'long' }).format()
  await page.locator(`[role=columnheader][data-today][aria-label*="${name}"]`).waitFor()
})

test('the free homes of a day do not depend on which rows are shown', async () => {
  const path = `/calendar?day=${day(430)}`
  const body = { ...stay(forest.id, day(432)), status: 'pending', guest: { first_name: 'Ada', last_name: 'Riemann' } }
  must(201, await manager.post('bookings', body))
  const freeIn = async ({ page, settle }: Visit) => {
    await barOf(page, 'Ada Riemann', forest.name).waitFor()
    await settle()
    return page.getByRole('columnheader').filter({ hasText: /\d/ }).allInnerTexts()
  }
  const all = await service.signedIn('staff', path)
  const filtered = await service.signedIn('staff', `${path}&attention=true`)
  const texts = await freeIn(all)
  assert.deepEqual(await freeIn(filtered), texts)
  assert.ok(await all.page.getByRole('row').filter({ hasText: lake.name }).count())
  assert.equal(await filtered.page.getByRole('row').filter({ hasText: lake.name }).count(), 0)
})

test('what has changed while another page was open is shown when the calendar opens again', async () => {
  const { page } = await service.signedIn('staff', `/calendar?day=${day(460)}`)
  await page.getByRole('row').filter({ hasText: lake.name }).waitFor()
  await page.getByRole('link', { name: 'Guests' }).click()
  await page.waitForURL(/guests/)
  await takeBooking(day(464), 'Germain')
  await page.goBack()
  await barOf(page, 'Ada Germain').waitFor()
})

test('on a phone a tap on a free night asks what to do with it', async () => {
  const { page } = await service.signedIn('staff', `/calendar?day=${day(490)}`, { size: 'phone' })
  const home = page.getByRole('row').filter({ hasText: lake.name })
  const box = await home.boundingBox()
  assert.ok(box)
  await page.touchscreen.tap(250, box.y + box.height / 2)
  await page.getByRole('menuitem', { name: 'New booking' }).click()
  await page.getByRole('dialog', { name: 'New booking' }).waitFor()
})

test('with the keys alone a booking is picked up, moved, dropped, and opened', async () => {
  const id = await takeBooking(day(200), 'Euler')
  const { page } = await service.signedIn('manager', `/calendar?day=${day(196)}`)
  await barOf(page, 'Ada Euler').waitFor()
  const grid = page.getByRole('grid')
  await grid.focus()
  const spoken = page.locator('[aria-live=assertive]')
  await until(async () => {
    const text = await spoken.innerText()
    if (text.includes(lake.name) && text.includes('Ada Euler')) return true
    await page.keyboard.press(text !== '' && !text.includes(lake.name) ? 'ArrowDown' : 'ArrowRight')
    return false
  })
  await page.keyboard.press('m')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await until(async () => (await bookingOf(id)).check_in === day(201))
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Booking', exact: true }).getByRole('heading', { name: 'Ada Euler' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog', { name: 'Booking', exact: true }).waitFor({ state: 'hidden' })
})

test('a booking made elsewhere appears without a reload', async () => {
  const { page } = await service.signedIn('staff', `/calendar?day=${day(230)}`)
  await page.getByRole('row').filter({ hasText: lake.name }).waitFor()
  await takeBooking(day(234), 'Turing')
  await barOf(page, 'Ada Turing').waitFor()
})

test('two browsers race for the same nights: one has them, the other is told who', async () => {
  const path = `/calendar?over=new_booking&homes=${lake.id}&from_day=${day(260)}&to_day=${day(267)}`
  const both = [await service.signedIn('staff', path), await service.signedIn('manager', path)]
  for (const [n, { page }] of both.entries()) {
    await page.getByLabel('First name').fill('Racer')
    await page.getByLabel('Last name').fill(`Number ${n}`)
  }
  await Promise.all(both.map(({ page }) => page.getByRole('button', { name: 'Book', exact: true }).click()))
  const won = both.map(({ page }) => page.getByRole('dialog', { name: 'Booking', exact: true }).waitFor())
  const lost = both.map(({ page }) =>
    page
      .getByText(stayText(day(260)))
      .first()
      .waitFor(),
  )
  await Promise.any(won)
  await Promise.any(lost)
  const { items } = must(
    200,
    await manager.get(`bookings?property_id=${lake.id}&check_in_from=${day(260)}&check_in_to=${day(260)}`),
  ).body
  assert.equal(items.length, 1)
  for (const { page } of both) await page.close()
  await Promise.allSettled([...won, ...lost])
})
