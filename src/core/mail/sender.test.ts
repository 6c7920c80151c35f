// Delivery of e-mails: each is sent at least once, failures are repeated and then given up.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, beforeEach, test } from 'node:test'
import { players } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { startFakeSmtp } from '../../../test/fake-smtp.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import { until } from '../../../test/until.ts'
import { parseConfig } from '../../config.ts'
import { accountMails } from '../../features/team/mails.ts'
import { createTokens } from '../auth/tokens.ts'
import { createMail } from './mail.ts'
import { claimMail, listMail, type NewMail, purgeMail, queueMail, readMailStates, settleMail } from './outbox.ts'
import { sendNext, startMailSender } from './sender.ts'
import { createMailTransport } from './transport.ts'

const store = await openTestStore()
const smtp = await startFakeSmtp()
after(async () => {
  await smtp.close()
  await store.close()
})
const { db, owner } = store
const tokens = createTokens({ secret: 'a secret that is long enough to derive a key', audience: 'x' })
const mail = createMail(parseConfig({ PUBLIC_URL: 'https://roost.example' }), tokens)
const recording = recordingLog()
const transport = createMailTransport(smtp.url, 'Roost <roost@sender.example>')
const sender = { db, log: recording.log, mail, templates: accountMails, transport }

const reset = { kind: 'password_reset', token: 'the-secret', for_account: true, lifetime_s: 3600 } as const
const add = (message: Partial<NewMail> = {}) =>
  db.systemTx((tx) => queueMail(tx, mail, { ...reset, to: players.staff.email, ...message }))
const only = async () => (await owner.query('select * from mail_messages')).rows[0]
const hurry = () => owner.query('update mail_messages set next_attempt_at = now()')

beforeEach(async () => {
  await owner.query('delete from mail_messages')
  smtp.received.length = 0
  for (const verb of ['MAIL', 'RCPT', 'DATA'] as const) delete smtp.answers[verb]
})

/** The decoded text part of a received message. */
function textOf(data: string): string {
  const part = data.split(/Content-Type: text\/plain/)[1]?.split(/\r\n--/)[0] ?? ''
  const [head = '', ...body] = part.split('\r\n\r\n')
  const text = body.join('\r\n\r\n')
  if (/base64/.test(head)) return Buffer.from(text, 'base64').toString()
  const bytes = text
    .replaceAll('=\r\n', '')
    .replaceAll(/=([\dA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}

test('a message arrives with its link in text and HTML, and its secret is then deleted', async () => {
  await add()
  const before = await only()
  assert.ok(!JSON.stringify(before).includes('the-secret') && before?.secret !== null)
  assert.equal(await sendNext(sender), true)
  const [received] = smtp.received
  assert.deepEqual([received?.from, received?.to], ['roost@sender.example', players.staff.email])
  assert.match(received?.data ?? '', /^From: Roost <roost@sender\.example>$/m)
  assert.match(received?.data ?? '', new RegExp(`^Message-ID: <${before?.id}@sender\\.example>`, 'm'))
  assert.match(received?.data ?? '', /^Auto-Submitted: auto-generated/m)
  assert.match(received?.data ?? '', /multipart\/alternative/)
  assert.match(textOf(received?.data ?? ''), /https:\/\/roost\.example\/password-reset\?token=the-secret/)
  const row = await only()
  assert.deepEqual([row?.state, row?.secret, row?.attempts, row?.last_error], ['sent', null, 1, null])
  assert.equal(await sendNext(sender), false)
})

test('the language is that of the person, then of the agency, then English', async () => {
  const subjects = async () => {
    await add()
    await sendNext(sender)
    return /^Subject: (.*)$/m.exec(smtp.received.pop()?.data ?? '')?.[1]
  }
  const english = 'New password for Roost'
  assert.equal(await subjects(), english)
  await owner.query("update agencies set language = 'de' where slug = 'north'")
  assert.notEqual(await subjects(), english)
  await owner.query("update users set language = 'en' where id = $1", [players.staff.user_id])
  assert.equal(await subjects(), english)
})

test('a message for an address without an account with a password is deleted, not sent', async () => {
  await add({ to: 'nobody@example.com' })
  assert.deepEqual(await listMail(db, 10), [])
  assert.deepEqual(await readMailStates(db), { waiting: 0, oldest_at: null, failed: 0 })
  assert.equal(await sendNext(sender), true)
  assert.deepEqual([smtp.received.length, await only()], [0, undefined])
  await add({ to: 'nobody@example.com' })
  await purgeMail(db)
  assert.equal(await only(), undefined)
})

test('a message to a reserved address is deleted, not sent', async () => {
  await add({ kind: 'invitation', to: 'admin@verify-0123456789ab.invalid', for_account: undefined as never })
  await sendNext(sender)
  assert.deepEqual([smtp.received.length, await only()], [0, undefined])
})

test('while the server refuses temporarily the message waits, longer after each attempt', async () => {
  await add()
  const waits: number[] = []
  smtp.answers.RCPT = '451 4.3.0 try later'
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    assert.equal(await sendNext(sender), true)
    assert.equal(await sendNext(sender), false, 'it is not due')
    const { rows } = await owner.query(
      'select round(extract(epoch from next_attempt_at - now()))::int as s, state, last_error from mail_messages',
    )
    assert.deepEqual([rows[0]?.state, rows[0]?.last_error], ['waiting', 'EENVELOPE 451'])
    waits.push(Number(rows[0]?.s))
    await hurry()
  }
  assert.ok(
    waits.every((wait, n) => Math.abs(wait - 30 * 2 ** n) <= 5),
    waits.join(),
  )
  delete smtp.answers.RCPT
  await sendNext(sender)
  assert.deepEqual([smtp.received.length, (await only())?.state], [1, 'sent'])
})

test('a refused recipient is given up at once; a refused sender or a dead server is tried again', async () => {
  smtp.answers.RCPT = '550 5.1.1 no such user'
  await add()
  await sendNext(sender)
  const refused = await only()
  assert.deepEqual([refused?.state, refused?.last_error, refused?.secret], ['failed', 'EENVELOPE 550', null])
  assert.deepEqual((await readMailStates(db)).failed, 1)
  await owner.query('delete from mail_messages')
  delete smtp.answers.RCPT
  smtp.answers.MAIL = '553 5.7.1 sender not allowed'
  await add()
  await sendNext(sender)
  assert.equal((await only())?.state, 'waiting')
  await hurry()
  const dead = createMailTransport('smtp://127.0.0.1:1', 'roost@sender.example')
  await sendNext({ ...sender, transport: dead })
  assert.deepEqual([(await only())?.state, (await only())?.attempts], ['waiting', 2])
})

test('after the last attempt a message is given up', async () => {
  smtp.answers.DATA = '421 4.3.2 closing'
  await add()
  await owner.query('update mail_messages set attempts = 13')
  await sendNext(sender)
  const row = await only()
  assert.deepEqual([row?.state, row?.attempts, row?.secret], ['failed', 14, null])
})

test('a message of a killed process is sent again after its lease; a late outcome is ignored', async () => {
  await add()
  const lost = randomUUID()
  const claimed = await claimMail(db, lost)
  assert.equal(await sendNext(sender), false, 'leased')
  await owner.query("update mail_messages set leased_until = now() - interval '1 second'")
  assert.equal(await sendNext(sender), true)
  assert.equal(smtp.received.length, 1)
  await settleMail(db, claimed?.id ?? '', lost, { state: 'failed', error: 'late' })
  assert.equal((await only())?.state, 'sent')
})

test('an expired message is not sent, and keeps no secret', async () => {
  await add({ lifetime_s: -1 })
  assert.equal(await sendNext(sender), false)
  const [listed] = await listMail(db, 10)
  assert.deepEqual([listed?.state, listed?.secret], ['expired', null])
  await purgeMail(db)
  const row = await only()
  assert.deepEqual([row?.state, row?.secret], ['expired', null])
  await owner.query("update mail_messages set settled_at = now() - interval '31 days'")
  assert.equal(await purgeMail(db), 1)
})

test('a secret of another JWT_SECRET is given up, and the log has no address', async () => {
  await add()
  const other = createMail(parseConfig({}), createTokens({ secret: 'b'.repeat(40), audience: 'x' }))
  await sendNext({ ...sender, mail: other })
  assert.deepEqual([(await only())?.state, (await only())?.last_error], ['failed', 'SECRET_UNREADABLE'])
  assert.ok(!JSON.stringify(recording.lines).includes('@'))
})

test('after twenty messages to one address in an hour no more are added', async () => {
  for (let n = 0; n < 20; n += 1) await add()
  await assert.rejects(add(), { code: 'RATE_LIMITED' })
  await add({ to: players.admin.email })
})

test('the worker sends what is added, and stops without waiting for new messages', async () => {
  const own = createMailTransport(smtp.url, 'roost@sender.example')
  const running = startMailSender({ ...sender, transport: own }, () => true)
  await add()
  await until(async () => smtp.received.length === 1)
  await running.stop()
})
