// Sign-in in a real browser: where the secrets are, where it leads, and what stays after signing out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { players } from '../cast.ts'
import { visit } from './browser.ts'
import { serveConsole, signIn } from './service.ts'

const service = await serveConsole()

test('after the sign-in no script of the page can read a token, and the cookie is strict', async () => {
  const { page, context, problems } = await service.signedIn('manager', '/today')
  await page.getByRole('heading', { level: 1 }).waitFor()
  const readable = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
  )
  assert.doesNotMatch(readable, /ey[A-Za-z0-9_-]{20}|token/i)
  const cookies = (await context.cookies()).map(({ name, httpOnly, secure, sameSite }) => ({
    name,
    httpOnly,
    secure,
    sameSite,
  }))
  assert.deepEqual(cookies, [{ name: '__Host-roost_session', httpOnly: true, secure: true, sameSite: 'Strict' }])
  assert.deepEqual(problems, [])
})

test('a reload keeps the session, signing out ends it, and its pages show nothing then', async () => {
  const { page, context } = await service.signedIn('manager', '/bookings')
  await page.reload()
  await page.getByRole('heading', { name: 'Bookings', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'More: account and pages' }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL('**/sign-in**')
  assert.deepEqual(await context.cookies(), [])
  await page.goto('/bookings')
  await page.locator('input[name=password]').waitFor()
  assert.equal(await page.getByRole('navigation').count(), 0)
})

test('a wrong password is refused in words, and the form keeps the address', async () => {
  const { page } = await visit(service.base)
  await page.goto('/sign-in')
  await signIn(page, players.staff.email, 'not the password')
  await page.getByRole('alert').getByText('The e-mail address or the password is wrong.').waitFor()
  assert.equal(await page.inputValue('input[name=email]'), players.staff.email)
})

test('only a path of the console is where a sign-in leads', async () => {
  for (const next of [
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/sign-in',
    '//',
    '/\\[',
    '/.//evil.example',
  ]) {
    const { page } = await visit(service.base)
    await page.goto(`/sign-in?next=${encodeURIComponent(next)}`)
    await signIn(page, players.manager.email)
    await page.waitForURL((url) => url.pathname === '/today')
    assert.equal(new URL(page.url()).origin, service.base, next)
    await page.close()
  }
})

test('when the session ends, the page stays, asks for the password, and keeps what was typed', async () => {
  const { page, context } = await service.signedIn('manager', '/bookings?over=new_booking')
  await page.getByLabel('Last name').fill('Lovelace')
  await context.clearCookies()
  await page.route('**/api/v1/**', async (route) => {
    const is_sign_in = route.request().url().includes('/auth/')
    await (is_sign_in
      ? route.continue()
      : route.fulfill({ status: 401, json: { error: { code: 'TOKEN_EXPIRED', message: '' } } }))
  })
  await page.getByLabel('Arrival', { exact: true }).fill('2029-06-01')
  await page.getByLabel('Departure', { exact: true }).fill('2029-06-08')
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
  await dialog.waitFor()
  await page.unroute('**/api/v1/**')
  await dialog.locator('input[name=password]').fill('correct horse battery')
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await dialog.waitFor({ state: 'hidden' })
  assert.equal(await page.getByLabel('Last name').inputValue(), 'Lovelace')
})

test('while the service is down a banner says so and goes by itself, and what was typed stays', async () => {
  const { page } = await service.signedIn('manager', '/bookings?over=new_booking')
  await page.getByLabel('Last name').fill('Lovelace')
  let is_down = true
  await page.route(/\/(api|health)\//, async (route) => {
    if (is_down) await route.fulfill({ status: 503, json: { error: { code: 'DB_UNAVAILABLE', message: '' } } })
    else await route.continue()
  })
  await page.getByLabel('Arrival', { exact: true }).fill('2029-06-01')
  await page.getByLabel('Departure', { exact: true }).fill('2029-06-08')
  const banner = page.getByText('The service is not available at the moment. What you type is kept')
  await banner.waitFor()
  is_down = false
  await banner.waitFor({ state: 'hidden' })
  assert.equal(await page.getByLabel('Last name').inputValue(), 'Lovelace')
})
