// The same password rules apply wherever a password is set, and every accepted password can sign in.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { password, players } from '../../../test/cast.ts'
import { cast, type Reply } from '../../../test/harness.ts'
import { findings, must } from '../../../test/steps.ts'

const { admin, anonymous, bearing, store } = await cast()

/** Sets a password for a member of the agency `North`, slug `north`. Returns the response and the e-mail. */
type Set = (wanted: string) => Promise<{ reply: Reply; email: string; pointer: string }>
const ways: Readonly<Record<string, Set>> = {
  'accepting an invitation': async (wanted) => {
    const email = `sam.summer-${randomUUID()}@example.com`
    const { token } = must(201, await admin.post('team', { email, role: 'staff' })).body
    const reply = await anonymous.post('auth/invitations/accept', { token, password: wanted })
    return { reply, email, pointer: '/password' }
  },
  'changing the password': async (wanted) => {
    const { email, user_id } = players.owner
    const { token } = must(200, await anonymous.post('auth/login', { email, password })).body
    const [kept] = (await store.owner.query('select password_hash from users where id = $1', [user_id])).rows
    const change = { current_password: password, new_password: wanted }
    const reply = await bearing(token).post('auth/password', change)
    if (reply.status === 200) {
      must(200, await anonymous.post('auth/login', { email, password: wanted }))
      await store.owner.query('update users set password_hash = $1 where id = $2', [kept?.password_hash, user_id])
    }
    return { reply, email: '', pointer: '/new_password' }
  },
}

const refused = ['short', 'Password123!', 'passwordpassword', 'aaaaaaaaaaaa', 'my north is cold', 'x'.repeat(999)]
/** 256 characters as written; 256, 128 and about 60 in the stored form. */
const longest = [
  Array.from({ length: 256 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(''),
  Array.from({ length: 128 }, (_, i) => `${'aeiouyhwxt'[(i * i + (i >> 3)) % 10]}\u0308`).join(''),
  `${'\u03b1\u0313\u0300\u0345\u03b9\u0308\u0301'.repeat(34)}seven kettle`,
]

for (const [way, set] of Object.entries(ways)) {
  test(`${way}: a password that breaks a rule is refused with pointer and reason`, async () => {
    for (const wanted of refused) {
      const { reply, pointer } = await set(wanted)
      assert.deepEqual(findings(must(422, reply, wanted)), [`${pointer} INVALID`])
      assert.match(reply.body.error.details[0].message, /^[A-Z].*\.$|^must have at most 256 characters$/)
    }
  })

  test(`${way}: the longest accepted password can sign in`, async () => {
    for (const wanted of longest) {
      const { reply, email } = await set(wanted)
      must(200, reply, `${[...wanted].length} characters`)
      if (email !== '') must(200, await anonymous.post('auth/login', { email, password: wanted }))
    }
  })
}

test('a password that contains the e-mail address is refused', async () => {
  const email = 'walter.winter@example.com'
  const { token } = must(201, await admin.post('team', { email, role: 'staff' })).body
  for (const wanted of ['WalterWinter2027', 'walter.winter@example.com']) {
    const reply = must(422, await anonymous.post('auth/invitations/accept', { token, password: wanted }))
    assert.match(reply.body.error.details[0].message, /e-mail/)
  }
  must(200, await anonymous.post('auth/invitations/accept', { token, password: 'seven purple kettles' }))
})

test('a password set before these rules still signs in', async () => {
  must(200, await anonymous.post('auth/login', { email: players.staff.email, password }))
})
