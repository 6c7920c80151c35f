// The pages of links: opening one changes nothing, the form does, in German and English and without script.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { north, password, players } from '../../../test/cast.ts'
import { castPerTest, type Reply } from '../../../test/harness.ts'
import { tokenFor, with_mail_server } from '../../../test/outbox.ts'
import { must } from '../../../test/steps.ts'
import { findAccounts } from '../team/accounts.ts'

const fixture = await castPerTest({ env: with_mail_server })
const { admin, anonymous, staff, store } = fixture
const fresh = 'four words are enough'

const open = (path: string, token: string, headers: Record<string, string> = {}) =>
  anonymous.get(`${path}?token=${encodeURIComponent(token)}`, headers)
const submit = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  anonymous.request('POST', path, new URLSearchParams(fields).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  })
const heading = ({ text }: Reply) => /<h1>(.*)<\/h1>/.exec(text)?.[1]
const fieldsOf = ({ text }: Reply) => [...text.matchAll(/<input[^>]* name="(\w+)"/g)].map(([, name]) => name)
const german = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' }

async function invite(email: string, is_mailed = true): Promise<string> {
  must(201, await admin.post('team', { email, role: 'staff', full_name: 'Sam <b>' }))
  if (!is_mailed) await store.owner.query('update team_invitations set is_mailed = false where email = $1', [email])
  return tokenFor(fixture, 'invitation', email)
}

test('a page has no script, a strict policy, and is stored by no cache', async () => {
  for (const path of ['/invitations', '/password-reset', '/email-confirmation']) {
    const { headers, text } = must(404, await open(path, 'no-such-token'))
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    assert.equal(
      headers['content-security-policy'],
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    )
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.doesNotMatch(text, /<script|javascript:|\son\w+=|https?:\/\//i)
  }
})

test('the language is German when the browser prefers it, else English', async () => {
  const cases: readonly [string, string][] = [
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.5', 'de'],
    ['en-GB,en;q=0.9,de;q=0.8', 'en'],
    ['fr,de;q=0.4,en;q=0.6', 'en'],
    ['fr', 'en'],
    ['', 'en'],
    [';;q=,,de-', 'en'],
  ]
  for (const [header, language] of cases) {
    const { text } = await open('/password-reset', 'x', { 'accept-language': header })
    assert.ok(text.includes(`<html lang="${language}">`), header)
  }
})

test('an invitation is accepted on its page, once; opening the page changes nothing', async () => {
  const email = `page@${north}.example`
  const token = await invite(email)
  for (let n = 0; n < 3; n += 1) {
    const page = must(200, await open('/invitations', token, german))
    assert.equal(heading(page), 'Einladung annehmen')
    assert.deepEqual(fieldsOf(page), ['token', 'email', 'full_name', 'password', 'again'])
    assert.ok(page.text.includes('value="Sam &lt;b&gt;"') && page.text.includes('North'))
  }
  const form = { token, email, full_name: 'Sam Page', password: fresh, again: fresh }
  const wrong: readonly Record<string, string>[] = [
    { ...form, again: 'another four words' },
    { ...form, full_name: '  ' },
    { ...form, password: 'short', again: 'short' },
    { token },
  ]
  for (const fields of wrong) {
    const page = must(422, await submit('/invitations', fields))
    assert.match(page.text, /class="bad" role="alert"/)
    assert.doesNotMatch(page.text, /four words/, 'a password is not repeated')
  }
  assert.match(heading(must(200, await submit('/invitations', form))) ?? '', /member of North/)
  const [account] = await findAccounts(store.db, email)
  assert.deepEqual([account?.full_name, account?.email_proven_by], ['Sam Page', 'link'])
  must(200, await anonymous.post('auth/login', { email, password: fresh }))
  assert.equal(heading(must(404, await submit('/invitations', form, german))), 'Dieser Link gilt nicht mehr')
  must(404, await open('/invitations', token))
})

test('an invited person with a proven account accepts with its password', async () => {
  const { email } = players.outsider
  const token = await invite(email)
  const page = must(200, await open('/invitations', token))
  assert.deepEqual(fieldsOf(page), ['token', 'email', 'password'])
  assert.match(page.text, /<a href="password-reset">/)
  must(422, await submit('/invitations', { token, password: fresh }))
  must(200, await submit('/invitations', { token, password }))
})

test('a link that the inviter has seen offers a new account and, apart, the present one', async () => {
  const { email } = players.outsider
  const token = await invite(email, false)
  const page = must(200, await open('/invitations', token))
  assert.deepEqual(fieldsOf(page).slice(-4), ['token', 'has_account', 'email', 'password'])
  assert.match(page.text, /<details>/)
  const refused = must(422, await submit('/invitations', { token, has_account: 'yes', password: fresh }))
  assert.match(refused.text, /<details open>/)
  must(200, await submit('/invitations', { token, has_account: 'yes', password }))
})

test('a new password is set on its page', async () => {
  const { email } = players.staff
  must(202, await anonymous.post('auth/password-resets', { email }))
  const token = await tokenFor(fixture, 'password_reset', email)
  assert.equal(heading(must(200, await open('/password-reset', token, german))), 'Neues Passwort setzen')
  for (const [given, again] of [
    [fresh, 'other'],
    ['short', 'short'],
    ['x'.repeat(2001), 'x'.repeat(2001)],
  ] as const) {
    must(422, await submit('/password-reset', { token, password: given, again }))
  }
  must(200, await submit('/password-reset', { token, password: fresh, again: fresh }))
  must(200, await anonymous.post('auth/login', { email, password: fresh }))
  must(404, await submit('/password-reset', { token, password: fresh, again: fresh }))
})

test('without a link the page requests one, with the same answer for every address', async () => {
  const page = must(200, await anonymous.get('/password-reset', german))
  assert.deepEqual([heading(page), ...fieldsOf(page)], ['Passwort vergessen?', 'email'])
  const known = must(200, await submit('/password-reset', { email: players.staff.email }))
  assert.match(known.text, /If there is an account with this address/)
  assert.equal(must(200, await submit('/password-reset', { email: `nobody@${north}.example` })).text, known.text)
  const token = await tokenFor(fixture, 'password_reset', players.staff.email)
  must(200, await open('/password-reset', token))
  must(422, await submit('/password-reset', { email: 'nobody' }))
  must(422, await submit('/password-reset', {}))
})

test('a new address is confirmed on its page, not by opening it', async () => {
  const email = `mine@${north}.example`
  must(200, await staff.patch('me', { email, current_password: password }))
  const token = await tokenFor(fixture, 'email_confirmation', email)
  const page = must(200, await open('/email-confirmation', token))
  assert.ok(page.text.includes(email))
  assert.equal(must(200, await staff.get('me')).body.user.email, players.staff.email)
  must(200, await submit('/email-confirmation', { token }))
  assert.equal(must(200, await staff.get('me')).body.user.email, email)
  must(404, await submit('/email-confirmation', { token }))
})

test('an address that has another account is not taken over', async () => {
  const { email } = players.outsider
  must(200, await staff.patch('me', { email, current_password: password }))
  const token = await tokenFor(fixture, 'email_confirmation', email)
  must(409, await submit('/email-confirmation', { token }))
})

test('strange forms and links get a page or an error of the API, and change nothing', async () => {
  const token = await invite(`strange@${north}.example`)
  must(404, await anonymous.get('/invitations'))
  must(404, await anonymous.get(`/invitations?token=${token}&token=${token}`))
  must(200, await anonymous.get(`/invitations?token=${token}&utm_source=mail`))
  must(404, await submit('/invitations', { token: '\u0000' }))
  must(
    404,
    await anonymous.request('POST', '/invitations', `token=${token}&token=${token}`, {
      'content-type': 'application/x-www-form-urlencoded',
    }),
  )
  must(415, await anonymous.request('POST', '/invitations', 'x', { 'content-type': 'text/plain' }))
  must(413, await submit('/invitations', { token: 'x'.repeat(5000) }))
  must(405, await anonymous.request('DELETE', '/invitations'))
})
