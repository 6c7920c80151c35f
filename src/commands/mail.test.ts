// roost mail and roost member reset-password: what the operator reads and hands over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from 'commander'
import { password, players } from '../../test/cast.ts'
import { silent } from '../../test/engines.ts'
import { castPerTest } from '../../test/harness.ts'
import { mailsTo } from '../../test/outbox.ts'
import { must } from '../../test/steps.ts'
import { parseConfig } from '../config.ts'
import { ConflictError } from '../core/errors.ts'
import { type CommandContext, CommandError } from './context.ts'
import { judgeMail } from './doctor-mail.ts'
import { registerMail } from './mail.ts'
import { registerMember } from './member.ts'

const fixture = await castPerTest({ env: { PUBLIC_URL: 'https://roost.example' } })
const { admin, anonymous, store } = fixture

/** Runs `roost <args>` and returns its output. */
async function roost(...args: string[]): Promise<string> {
  const lines: string[] = []
  const context: CommandContext = {
    config: async () => fixture.config,
    env: {},
    log: silent,
    print: (line) => void lines.push(line),
    note: (line) => void lines.push(line),
    is_terminal: false,
    withStore: (work) => work(store, fixture.config),
    fail: () => {},
  }
  const program = new Command('roost').exitOverride()
  registerMail(program, context)
  registerMember(program, context)
  await program.parseAsync(['node', 'roost', ...args])
  return lines.join('\n')
}

const signIn = (email: string, given: string) => anonymous.post('auth/login', { email, password: given })

test('mail list has no secrets; mail show has the link until the message is sent or has expired', async () => {
  const { email } = players.staff
  must(202, await anonymous.post('auth/password-resets', { email }))
  const [message] = await mailsTo(fixture, email)
  const id = message?.id ?? ''
  const listed = await roost('mail', 'list')
  assert.match(listed, new RegExp(`^${id} .* waiting {2}password_reset +${email}$`, 'm'))
  assert.doesNotMatch(listed + (await roost('mail', 'list', '--json')), /token=|"secret"/)
  const shown = await roost('mail', 'show', id)
  const token = /https:\/\/roost\.example\/password-reset\?token=([\w-]{43})/.exec(shown)?.[1] ?? ''
  must(204, await anonymous.post('auth/password-resets/accept', { token, password: 'four words are enough' }))
  assert.match(await roost('mail', 'show', id), /the link is not shown: it was used, replaced or revoked/)
  await store.owner.query("update mail_messages set expires_at = now() - interval '1 second' where id = $1", [id])
  const later = await roost('mail', 'show', id)
  assert.match(later, /State: expired/)
  assert.match(later, /the link is not shown: it was sent or has expired/)
  assert.ok(!later.includes(token))
})

test('mail show and list refuse what they do not know', async () => {
  await assert.rejects(roost('mail', 'show', 'x'), CommandError)
  await assert.rejects(roost('mail', 'show', '0190163d-8694-739b-aea5-966c26f8ad91'), /there is no message/)
  await assert.rejects(roost('mail', 'list', '--limit', '0'), /--limit/)
})

test('member reset-password sets a new password, ends the sessions and tells the person', async () => {
  const { email, user_id } = players.bothAgencies
  const { refresh_token } = must(200, await signIn(email, password)).body
  const out = await roost('member', 'reset-password', '--email', email.toUpperCase())
  const fresh = /shown this once: ((?:\w{4}-){4}\w{4})/.exec(out)?.[1] ?? ''
  assert.match(out, /All sessions and tokens of the account have ended\./)
  must(401, await anonymous.post('auth/refresh', { refresh_token }))
  must(401, await signIn(email, password))
  must(200, await signIn(email, fresh))
  assert.equal((await mailsTo(fixture, email))[0]?.kind, 'password_changed')
  const { rows } = await store.owner.query(
    `select actor_role from audit_log where action = 'member.password_reset' and entity_id = $1`,
    [user_id],
  )
  assert.deepEqual(rows, [{ actor_role: 'operator' }, { actor_role: 'operator' }])
})

test('member reset-password takes a given password that the rules accept', async () => {
  const { email } = players.staff
  const given = ['member', 'reset-password', '--email', email, '--password']
  await assert.rejects(roost(...given, 'short'), /--password: /)
  must(200, await signIn(email, password))
  const out = await roost(...given, 'four words are enough', '--json')
  assert.ok(!out.includes('four words'))
  must(200, await signIn(email, 'four words are enough'))
})

test('member reset-password --link prints a link and changes nothing until it is used', async () => {
  const { email } = players.staff
  const out = await roost('member', 'reset-password', '--email', email, '--link')
  must(200, await signIn(email, password))
  const token = /password-reset\?token=([\w-]{43})$/.exec(out)?.[1] ?? ''
  must(204, await anonymous.post('auth/password-resets/accept', { token, password: 'four words are enough' }))
  must(200, await signIn(email, 'four words are enough'))
})

test('member reset-password refuses unknown people, closed and single sign-on accounts', async () => {
  await assert.rejects(roost('member', 'reset-password', '--email', 'nobody@example.com'), /has no account here/)
  await assert.rejects(roost('member', 'reset-password', '--email', 'nobody'), /is not an e-mail address/)
  const { email, user_id } = players.staff
  await store.owner.query('update users set is_active = false where id = $1', [user_id])
  await assert.rejects(roost('member', 'reset-password', '--email', email), /is closed/)
  await store.owner.query('update users set is_active = true, password_hash = null, auth_subject = $2 where id = $1', [
    user_id,
    `sso ${user_id}`,
  ])
  await assert.rejects(roost('member', 'reset-password', '--email', email), ConflictError)
})

test('member add says when nothing has changed, and refuses what it would ignore', async () => {
  const { email } = players.staff
  const { slug } = must(200, await admin.get('agency')).body
  const again = ['member', 'add', '--agency', slug, '--email', email, '--role', 'staff']
  assert.match(await roost(...again), new RegExp(`^Nothing has changed: ${email} already was staff\\.`))
  assert.equal(JSON.parse(await roost(...again, '--json')).has_changed, false)
  const { rows } = await store.owner.query(`select from audit_log where action = 'member.added' and entity_id = $1`, [
    players.staff.user_id,
  ])
  assert.equal(rows.length, 0)
  await assert.rejects(roost(...again, '--password', 'four words are enough'), /omit --password to keep it/)
  await assert.rejects(roost(...again, '--name', 'Another Name'), /omit --name/)
  must(200, await signIn(email, password))
  const reset = await roost(...again, '--reset-password', '--password', 'four words are enough')
  assert.doesNotMatch(reset, /Nothing has changed/)
  must(200, await signIn(email, 'four words are enough'))
  assert.match(await roost('member', 'add', '--agency', slug, '--email', email, '--role', 'owner'), /is owner\./)
})

test('doctor names e-mails that failed, that are late, and that only the operator can read', () => {
  const now = new Date().toISOString()
  const none = { waiting: 0, oldest_at: null, failed: 0 }
  const server = { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'a@b.example', PUBLIC_URL: 'https://roost.example' }
  const cases: readonly [Parameters<typeof judgeMail>[0], Record<string, string>, RegExp][] = [
    [none, {}, /^ok none is sent/],
    [{ ...none, waiting: 2, oldest_at: now }, {}, /^warning none is sent .*; 2 can be read/],
    [none, server, /^ok no e-mail is late$/],
    [{ ...none, waiting: 1, oldest_at: now }, server, /^ok/],
    [
      { ...none, waiting: 3, oldest_at: '2026-01-01T00:00:00Z' },
      server,
      /^warning 3 e-mails wait, the oldest since 2026/,
    ],
    [{ ...none, failed: 1 }, server, /^warning 1 e-mails could not be delivered/],
    [none, { ...server, PUBLIC_URL: '' }, /^warning PUBLIC_URL is not set: .*127\.0\.0\.1:3000/],
  ]
  for (const [states, env, expected] of cases) {
    const { result, message } = judgeMail(states, parseConfig(env))
    assert.match(`${result} ${message}`, expected)
  }
})
