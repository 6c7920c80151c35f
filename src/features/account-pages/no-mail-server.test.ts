// The page of a lost password where no e-mails are sent.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { mailsTo } from '../../../test/outbox.ts'
import { must } from '../../../test/steps.ts'

const fixture = await castPerTest()
const { anonymous } = fixture

const submit = (email: string) =>
  anonymous.request('POST', '/password-reset', new URLSearchParams({ email }).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  })

test('without a mail server the page promises no e-mail and says whom to ask', async () => {
  const page = must(200, await anonymous.get('/password-reset'))
  assert.match(page.text, /This service sends no e-mails\..*Ask an admin of your agency/s)
  assert.doesNotMatch(page.text, /<form|on its way/)
  const german = must(200, await anonymous.get('/password-reset', { 'accept-language': 'de' }))
  assert.match(german.text, /versendet keine E-Mails/)
})

test('without a mail server every address gets the same page and adds no message', async () => {
  const page = must(200, await anonymous.get('/password-reset'))
  for (const email of [players.staff.email, `nobody@${north}.example`, 'nobody']) {
    assert.equal(must(200, await submit(email)).text, page.text)
  }
  assert.deepEqual(await mailsTo(fixture, players.staff.email), [])
})

test('the API says that the operator has the link, the same for every address', async () => {
  for (const email of [players.staff.email, `nobody@${north}.example`]) {
    const { body } = must(202, await anonymous.post('auth/password-resets', { email }))
    assert.deepEqual(body, { expires_in: 3600, delivery: 'operator' })
  }
})
