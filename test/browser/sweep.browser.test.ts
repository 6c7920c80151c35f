// Every page of the admin on a desk and a phone, in German and English, light and dark: accessible, whole, translated, without errors.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { consolePaths } from '../../src/http/console.ts'
import { axeFindings } from './axe.ts'
import { goTo } from './browser.ts'
import { layoutFindings } from './layout.ts'
import { seedDay } from './seed.ts'
import { serveConsole } from './service.ts'
import { findEnglish, num_messages } from './texts.ts'

const service = await serveConsole()
const seeded = await seedDay(service, {
  home: 'Ferienwohnung Sonnenblick am Waldrand mit Seezugang und Panoramaterrasse',
  city: 'Partnachklamm-Graseck ob der Wasserburg',
  first_name: 'Maximiliane-Charlotte',
  last_name: 'von Oberhuber-Hinterleitner',
  notes: 'Kommt spät an, Schlüssel beim Nachbarn hinterlegen.',
})

const paths = [
  ...consolePaths.filter((path) => path !== '/sign-in'),
  '/settings/account',
  '/settings/audit-log',
  `/properties/${seeded.home_id}`,
  `/guests/${seeded.guest_id}`,
  `/calendar?over=booking&id=${seeded.booking_id}`,
  `/calendar?over=block&id=${seeded.block_id}`,
  `/bookings?over=new_booking&homes=${seeded.home_id}&from_day=2031-05-01&to_day=2031-05-08`,
]

/** What is not in an address: opened on the page. */
const more: readonly (readonly [path: string, open: (page: Page) => Promise<unknown>])[] = [
  [`/properties/${seeded.home_id}`, (page) => page.getByRole('tab').last().click()],
  [`/bookings?over=booking&id=${seeded.booking_id}`, (page) => page.getByRole('tab').nth(1).click()],
  [`/bookings?over=booking&id=${seeded.booking_id}`, (page) => page.getByRole('tab').nth(2).click()],
  [`/bookings?over=booking&id=${seeded.booking_id}`, (page) => page.getByRole('tab').last().click()],
  [
    '/team',
    (page) =>
      page
        .locator('header button')
        .last()
        .click()
        .then(() => dialogOf(page)),
  ],
  ['/today', (page) => page.keyboard.press('Control+k').then(() => dialogOf(page))],
]

/** Waits for the dialog, whose code is loaded when it is opened first. */
const dialogOf = (page: Page) => page.getByRole('dialog').waitFor()

const states = [...paths.map((path) => [path] as const), ...more]

/** Without transitions no colour is between the two themes. The policy of the page allows no style elements, but sheets of scripts. */
const stopTransitions = (page: Page) =>
  page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('* { transition: none !important }')
    document.adoptedStyleSheets.push(sheet)
  })

async function showTheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme })
  await page.locator(`[data-mantine-color-scheme=${colorScheme}]`).waitFor()
}

for (const language of ['de', 'en'] as const)
  for (const size of ['desk', 'phone'] as const)
    test(`every page is accessible, whole and translated: ${language}, ${size}, light and dark`, async () => {
      const { page, problems, settle } = await service.signedIn('admin', '/today', { language, size })
      await stopTransitions(page)
      const found: string[] = []
      for (const [path, open] of states) {
        await goTo(page, path)
        await settle()
        if (open !== undefined) await open(page).then(settle)
        const here = [...(await layoutFindings(page)), ...(await axeFindings(page))]
        if (language === 'de') here.push(...(await findEnglish(page)).map((text) => `English: ${text}`))
        // The dark theme has other colours and nothing else.
        await showTheme(page, 'dark')
        here.push(...(await axeFindings(page, ['color-contrast'])).map((finding) => `dark: ${finding}`))
        await showTheme(page, 'light')
        found.push(...here.map((finding) => `${path}: ${finding}`))
      }
      assert.equal(await page.evaluate(() => document.documentElement.lang), language)
      assert.deepEqual(found, [])
      assert.deepEqual(problems, [])
    })

test('an English message of the catalogue is found on the screen, and data is not', async () => {
  assert.ok(num_messages > 300, `${num_messages} messages`)
  const { page, settle } = await service.signedIn('admin', '/today', { language: 'en' })
  await settle()
  const found = await findEnglish(page)
  for (const text of ['Today', 'Arrivals', 'Check in', 'The day before']) assert.ok(found.includes(text), text)
  assert.deepEqual(
    found.filter((text) => /Oberhuber|Sonnenblick/.test(text)),
    [],
  )
})

test('the rules of layout find a cut text, a text outside its box, and controls that overlap', async () => {
  const { page, settle } = await service.signedIn('admin', '/settings/account')
  await settle()
  assert.deepEqual(await layoutFindings(page), [])
  await page.evaluate(() => {
    const long = 'A text that has no room here'
    document.body.insertAdjacentHTML(
      'beforeend',
      `<div id="broken"><p>${long}</p><p class="cut">${long}</p><p class="fine">${long}</p><button>One</button><a href="/">Two</a></div>`,
    )
    for (const one of document.querySelectorAll<HTMLElement>('#broken p')) {
      Object.assign(one.style, { width: '50px', whiteSpace: 'nowrap' })
      if (one.className !== '') one.style.overflow = 'hidden'
      if (one.className === 'fine') one.style.textOverflow = 'ellipsis'
    }
    for (const one of document.querySelectorAll<HTMLElement>('#broken :is(a, button)'))
      Object.assign(one.style, { position: 'absolute', left: '20px', top: '20px' })
  })
  const found = await layoutFindings(page)
  assert.equal(found.filter((text) => text.includes('A text that has no room here')).length, 2, found.join('\n'))
  assert.equal(found.filter((text) => /<BUTTON One> overlaps <A Two>/.test(text)).length, 1, found.join('\n'))
})
