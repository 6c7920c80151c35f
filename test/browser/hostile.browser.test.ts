// Names, notes and files that contain markup, formulas and long words are only text on every screen, and change no layout.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { castProperties } from '../cast.ts'
import { csv } from '../import-files.ts'
import { localToday, must, newProperty, stay } from '../steps.ts'
import { until } from '../until.ts'
import { goTo, type Visit } from './browser.ts'
import { layoutFindings } from './layout.ts'
import { seedDay } from './seed.ts'
import { serveConsole } from './service.ts'

const service = await serveConsole()
const { admin, manager } = service

/** Each sets a flag of the page if it is ever run. */
const markup = [
  '<img src=x onerror="window.hacked=1">',
  '"\'><script>window.hacked=1</script>',
  '<svg/onload=window.hacked=1>',
  'javascript:window.hacked=1',
  '</textarea></title><iframe srcdoc="<script>parent.hacked=1</script>">',
] as const
/** Names must not contain the first one (the API refuses it), notes may. Letters that are read from right to left are fine. */
const reversed = '\u202Egnp.exe'
const hebrew = 'בית ליד האגם'
const word = 'W'.repeat(200)
const formula = '=HYPERLINK("javascript:window.hacked=1","Open")'

const seeded = await seedDay(service, {
  home: `${markup[0]}${markup[1]}`,
  city: `${markup[2]}`,
  first_name: markup[0],
  last_name: markup[1],
  notes: `${markup.join('\n')}\n${reversed}\n${word}\n${formula}`,
})

/** Homes and guests with each of the other texts, who arrive today. */
for (const [n, text] of [markup[3], markup[4], hebrew, word.slice(0, 100), formula].entries()) {
  const home = await newProperty(manager, { name: `${text}${n}`, city: text, address_line1: text })
  const guest = { first_name: text, last_name: text, email: `hostile-${n}@example.com` }
  const more = { guest, internal_notes: text, external_code: text, source: 'airbnb' }
  must(201, await manager.post('bookings', stay(home, localToday(), 5, more)))
}
must(200, await manager.patch(`properties/${castProperties.lake.id}`, { name: word, city: word.slice(0, 100) }))
must(200, await admin.patch('agency', { name: `${markup[0]}${word.slice(0, 100)}` }))

const overlay = (over: string, id: string) => `/calendar?over=${over}&id=${id}`

/** A screen, and what is opened on it. */
const screens: readonly (readonly [path: string, open?: (page: Page) => Promise<unknown>])[] = [
  ['/today'],
  ['/calendar', hoverBar],
  ['/bookings'],
  ['/guests'],
  [`/guests/${seeded.guest_id}`],
  ['/properties'],
  [`/properties/${castProperties.lake.id}`],
  [`/properties/${seeded.home_id}`, (page) => page.getByRole('tab', { name: 'Facts and rules' }).click()],
  ['/reports?by=property'],
  ['/reports?by=city'],
  ['/settings'],
  ['/settings/audit-log'],
  [overlay('booking', seeded.booking_id), (page) => page.getByRole('tab', { name: 'Guest' }).click()],
  [overlay('booking', seeded.booking_id), (page) => page.getByRole('tab', { name: 'Notes' }).click()],
  [overlay('booking', seeded.booking_id), (page) => page.getByRole('tab', { name: 'History' }).click()],
  [overlay('block', seeded.block_id)],
  [overlay('hold', seeded.hold_id)],
  [`/bookings?over=new_booking&from_day=2031-05-01&to_day=2031-05-08`],
  [`/bookings?over=new_block&homes=${castProperties.lake.id},${seeded.home_id}`],
  ['/today', searchFor('hacked')],
]

/** The card of a bar appears a moment after the pointer. */
async function hoverBar(page: Page): Promise<void> {
  await page.locator('[data-bar]').first().hover()
  await page
    .locator('div[aria-hidden=true]', { hasText: /\d nights?/ })
    .last()
    .waitFor()
}

function searchFor(text: string) {
  return async (page: Page) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find' }).fill(text)
    await page.getByRole('option').filter({ hasText: 'onerror' }).first().waitFor()
  }
}

/** Problems of the visit are dialogs, errors, and what the content security policy has refused. */
async function assertHarmless({ page, problems }: Visit, where: string): Promise<void> {
  const found = await page.evaluate(() => ({
    hacked: (window as { hacked?: number }).hacked,
    added: [...document.querySelectorAll('iframe, img[src=x], svg[onload], body script')].map((one) => one.outerHTML),
    links: [...document.querySelectorAll('a[href]')]
      .map((one) => one.getAttribute('href') ?? '')
      .filter((href) => !/^(\/|#|mailto:|tel:)/.test(href)),
  }))
  const expected = { hacked: undefined, added: [], links: [] }
  assert.deepEqual({ ...found, hacked: found.hacked }, expected, where)
  assert.deepEqual(problems, [], where)
}

for (const size of ['desk', 'phone'] as const)
  test(`hostile texts are only text on every screen, and the layout holds: ${size}`, async () => {
    const visited = await service.signedIn('admin', '/settings/account', { size })
    const { page, settle } = visited
    const found: string[] = []
    for (const [path, open] of screens) {
      await goTo(page, path)
      await settle()
      if (open !== undefined && !(size === 'phone' && path === '/calendar')) await open(page).then(settle)
      await assertHarmless(visited, path)
      found.push(...(await layoutFindings(page)).map((finding) => `${path}: ${finding}`))
    }
    assert.deepEqual(found, [])
  })

test('hostile file names and cells are only text in the preview and the result of an import', async () => {
  const visited = await service.signedIn('admin', '/import')
  const { page, settle } = visited
  const columns = ['Confirmation code', 'Status', 'Guest name', 'Contact', '# of adults', '# of children']
  const rest = ['# of infants', 'Start date', 'End date', '# of nights', 'Booked', 'Listing', 'Earnings']
  const row = (n: number, text: string) => {
    const dates = [`2031-0${n + 1}-14`, `2031-0${n + 1}-17`, '', '2025-01-01']
    return [`HM${n}`, 'Confirmed', text, text, '2', '0', '0', ...dates, text, n === 0 ? text : '€412.50']
  }
  const rows = [...markup, reversed, word, formula].map((text, n) => row(n, text))
  const buffer = Buffer.from(csv([...columns, ...rest, markup[0]], ...rows.map((cells) => [...cells, formula])))
  await page.setInputFiles('input[type=file]', {
    name: `${markup[0]}${word.slice(0, 100)}.csv`,
    mimeType: 'text/csv',
    buffer,
  })
  await page.getByText('Which homes are these?').waitFor()
  await page.getByText('Recognised as').click()
  await settle()
  await assertHarmless(visited, 'the preview')
  assert.deepEqual(await layoutFindings(page), [])
  await page.getByRole('combobox', { name: markup[0] }).click()
  const list = page.locator('[data-scrollarea-viewport]', { has: page.getByRole('option') })
  assert.equal(await list.evaluate((one) => one.scrollWidth - one.clientWidth), 0, 'the list scrolls sideways')
  await page.getByRole('option').filter({ hasText: 'onerror' }).first().click()
  await page.getByRole('button', { name: 'Use these homes' }).click()
  await settle()
  await assertHarmless(visited, 'with a home')
})

test('the page refuses to be framed, and runs no script that is not a file of the service', async () => {
  const reply = await fetch(`${service.base}/today`)
  const policy = reply.headers.get('content-security-policy') ?? ''
  assert.match(policy, /frame-ancestors 'none'/)
  assert.match(policy, /script-src 'self'(;|$)/)
  assert.equal(reply.headers.get('x-frame-options'), 'DENY')
  const { page, settle } = await service.signedIn('admin', '/settings/account')
  await settle()
  const refused: string[] = []
  page.on('console', (message) => refused.push(message.text()))
  // The check above can fail: markup that a screen inserts as HTML is refused by the policy, and reported.
  await page.evaluate((html) => document.body.insertAdjacentHTML('beforeend', html), markup[0])
  await until(() => refused.some((text) => text.startsWith('policy: script-src')))
  assert.equal(await page.evaluate(() => (window as { hacked?: number }).hacked), undefined)
})
