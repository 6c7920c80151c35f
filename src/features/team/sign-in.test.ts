// Failed sign-ins from unknown networks do not lock out people on networks they have used before.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hash } from '@node-rs/argon2'
import { password, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { verifyPassword } from '../../core/auth/passwords.ts'

const fixture = await cast({ env: { RATE_LIMIT: '600' } })
const { owner } = fixture.store
// The password with a cheap hash: it is checked hundreds of times.
const quick_hash = await hash(password, { memoryCost: 64, timeCost: 1, parallelism: 1 })
await owner.query('update users set password_hash = $1', [quick_hash])

async function send(path: string, payload: object, remoteAddress: string, token?: string) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const reply = await fixture.app.inject({ method: 'POST', url: `/api/v1/${path}`, payload, remoteAddress, headers })
  const { statusCode: status } = reply
  return { status, code: reply.json().error?.code, token: reply.json().token, wait: reply.headers['retry-after'] }
}
const login = (email: string, from: string, given = password) => send('auth/login', { email, password: given }, from)
const strangers = (n: number) => `198.51.${Math.floor(n / 10)}.${n % 10}`

/** Uses up the account's failed attempts from many addresses, each below its own limit. */
async function useUp(email: string): Promise<void> {
  for (let n = 0; n < 100; n += 10)
    await Promise.all(Array.from({ length: 10 }, (_, i) => login(email, strangers(n + i), 'wrong password')))
  assert.equal((await login(email, '192.0.2.99')).code, 'RATE_LIMITED')
}

test("strangers who use up an account's attempts do not lock it out of its known networks", async () => {
  const { email } = players.manager
  assert.equal((await login(email, '192.0.2.1')).status, 200)
  await useUp(email)
  for (let n = 0; n < 20; n += 1) assert.equal((await login(email, '192.0.2.1')).status, 200)
  assert.equal((await login(players.staff.email, '192.0.2.1')).status, 200, 'other accounts are not affected')
  const elsewhere = await login(email, '192.0.2.2')
  assert.deepEqual([elsewhere.status, elsewhere.code], [429, 'RATE_LIMITED'])
  assert.ok(Number(elsewhere.wait) > 1)
})

test('a known network has ten attempts per account', async () => {
  const { email } = players.staff
  assert.equal((await login(email, '192.0.2.3')).status, 200)
  const answers = []
  for (let n = 0; n < 12; n += 1) answers.push((await login(email, '192.0.2.3', 'wrong password')).status)
  assert.deepEqual(answers, [...Array(10).fill(401), 429, 429])
})

test('a network known to one account is not known to another', async () => {
  assert.equal((await login(players.owner.email, '192.0.2.4')).status, 200)
  await useUp(players.accountant.email)
  assert.equal((await login(players.accountant.email, '192.0.2.4')).status, 429)
})

test('a session that ended by a reuse does not make its network known', async () => {
  const { email, user_id } = players.outsider
  assert.equal((await login(email, '192.0.2.5')).status, 200)
  await owner.query("update sessions set ended_at = now(), ended_by = 'reuse' where user_id = $1", [user_id])
  await useUp(email)
  assert.equal((await login(email, '192.0.2.5')).status, 429)
})

test("a password can be changed while strangers have used up the account's attempts", async () => {
  const { email } = players.bothAgencies
  const { token } = await login(email, '192.0.2.6')
  await useUp(email)
  const body = { current_password: password, new_password: 'four quite new words' }
  assert.equal((await send('auth/password', body, '203.0.113.7', token)).status, 200)
  const back = { email, password: body.new_password }
  assert.equal((await send('auth/login', back, '203.0.113.7')).status, 200, 'the network of the change is known')
})

test('the stored network hash reveals neither the address nor who shares it', async () => {
  const email = players.otherOwner.email
  await login(email, '192.0.2.8')
  await login(email, '192.0.2.8')
  await login(players.admin.email, '192.0.2.8')
  const hashesOf = async (id: string) =>
    (
      await owner.query("select distinct encode(network_hash, 'hex') as hash from sessions where user_id = $1", [id])
    ).rows.map(({ hash }) => String(hash))
  const [one, two] = [await hashesOf(players.otherOwner.user_id), await hashesOf(players.admin.user_id)]
  assert.deepEqual([one.length, two.length, one[0]?.length], [1, 1, 64])
  assert.notEqual(one[0], two[0])
})

/** Keeps the password queue full with strangers while `work` runs. */
async function whileFull(work: () => Promise<void>): Promise<void> {
  let is_over = false
  const flood = Array.from({ length: 200 }, async () => {
    while (!is_over) {
      await verifyPassword(undefined, 'wrong password').catch(() => {})
      await new Promise(setImmediate)
    }
  })
  await work().finally(() => {
    is_over = true
  })
  await Promise.all(flood)
}

test('a full password queue refuses strangers, not known people, and counts no attempts', async () => {
  const { email } = players.admin
  assert.equal((await login(email, '192.0.2.9')).status, 200)
  // A stranger who gets a place signs in and makes the network known; then the other account is the stranger.
  let from = 10
  await whileFull(async () => {
    // More than the ten attempts of a network.
    for (let refused = 0; refused < 15; ) {
      const stranger = await login(email, `192.0.2.${from}`)
      if (stranger.status === 200) {
        from += 1
        refused = 0
      } else {
        assert.deepEqual([stranger.code, stranger.wait], ['OVERLOADED', '1'])
        refused += 1
      }
    }
    for (let n = 0; n < 3; n += 1) assert.equal((await login(email, '192.0.2.9')).status, 200)
  })
  assert.equal((await login(email, `192.0.2.${from}`)).status, 200)
})
