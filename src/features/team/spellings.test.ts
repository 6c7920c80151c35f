// One person in every spelling of an address: invitations, sign-in, and the list of members.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { codeOf, findings, must } from '../../../test/steps.ts'

const { admin, anonymous } = await cast()
const fresh = 'four words are enough'
const login = (email: string) => anonymous.post('auth/login', { email, password: fresh })
const invite = (email: string, full_name = 'René Müller') => admin.post('team', { email, role: 'staff', full_name })

test('an address in another normal form or in its ASCII form signs in the same person', async () => {
  const { token, email } = must(201, await invite('rené@müller.example')).body
  assert.equal(email, 'rené@müller.example')
  must(200, await anonymous.post('auth/invitations/accept', { token, password: fresh }))
  for (const spelling of ['rené@müller.example', 'rene\u0301@mu\u0308ller.example', ' RENÉ@xn--mller-kva.example ']) {
    must(200, await login(spelling))
    assert.deepEqual(findings(must(409, await invite(spelling))), ['/email ALREADY_A_MEMBER'], spelling)
  }
})

test('an address or a name with a character that nobody sees is refused; a sign-in with it fails', async () => {
  for (const email of [
    'ada@example.com\u200b',
    'ada@exa\u00admple.com',
    '\u202eada@example.com',
    'ada@example',
    'ada',
  ]) {
    assert.deepEqual(findings(must(422, await invite(email))), ['/email INVALID'], JSON.stringify(email))
  }
  for (const name of [' ', '\u200b', 'A\u0007da']) {
    assert.deepEqual(findings(must(422, await invite('new@example.com', name))), ['/full_name INVALID'])
  }
  assert.equal(codeOf(must(401, await login(`${players.admin.email}\u200b`))), 'LOGIN_FAILED')
})

test('members are found without accents and sorted as people sort them', async () => {
  for (const [address, name] of [
    ['zoe@example.com', 'Tm Zoë'],
    ['oezge@example.com', 'Tm Özge'],
    ['olga@example.com', 'tm Olga'],
  ] as const) {
    const { token } = must(201, await invite(address, name)).body
    must(200, await anonymous.post('auth/invitations/accept', { token, password: fresh }))
  }
  const names = async (q: string) =>
    must(200, await admin.get(`team?q=${encodeURIComponent(q)}`)).body.items.map(
      (one: { full_name: string }) => one.full_name,
    )
  assert.deepEqual(await names('tm'), ['tm Olga', 'Tm Özge', 'Tm Zoë'])
  for (const q of ['Ozge', 'Oezge', 'Özge, Tm', 'oezge@']) assert.deepEqual(await names(q), ['Tm Özge'], q)
})
