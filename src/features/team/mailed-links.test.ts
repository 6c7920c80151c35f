// An e-mail whose link is no longer valid is not sent.
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { north, password, players } from '../../../test/cast.ts'
import { startFakeSmtp } from '../../../test/fake-smtp.ts'
import { castPerTest } from '../../../test/harness.ts'
import { mailsTo, tokenFor, with_mail_server } from '../../../test/outbox.ts'
import { recordingLog } from '../../../test/recording-log.ts'
import { must } from '../../../test/steps.ts'
import { createMail } from '../../core/mail/mail.ts'
import { sendNext } from '../../core/mail/sender.ts'
import { createMailTransport } from '../../core/mail/transport.ts'
import { checkedMails } from './mailed-links.ts'
import { accountMails } from './mails.ts'

const fixture = await castPerTest({ env: with_mail_server })
const { admin, anonymous, staff, store } = fixture
const smtp = await startFakeSmtp()
after(() => smtp.close())

beforeEach(async () => {
  await store.owner.query('delete from mail_messages')
  smtp.received.length = 0
})

/** Sends all that is due. Returns how many messages an address got, and the states of its messages. */
async function deliverTo(address: string): Promise<{ received: number; states: string[] }> {
  const mail = createMail(fixture.config, fixture.tokens)
  const transport = createMailTransport(smtp.url, 'roost@example.com')
  const sender = { db: store.db, log: recordingLog().log, mail, templates: checkedMails, transport }
  while (await sendNext(sender));
  const received = smtp.received.filter(({ to }) => to === address).length
  return { received, states: (await mailsTo(fixture, address)).map(({ state }) => state) }
}

const invite = (email: string) => admin.post('team', { email, role: 'staff' })

test('of an invitation that was replaced only the last e-mail is sent', async () => {
  const email = `twice@${north}.example`
  must(201, await invite(email))
  must(201, await invite(email))
  assert.deepEqual(await deliverTo(email), { received: 1, states: ['sent'] })
})

test('the e-mail of a revoked invitation is not sent', async () => {
  const email = `revoked@${north}.example`
  const { id } = must(201, await invite(email)).body
  must(204, await admin.delete(`team/invitations/${id}`))
  assert.deepEqual(await deliverTo(email), { received: 0, states: [] })
})

test('after one link for a new password was used, the others are not sent', async () => {
  const { email } = players.staff
  for (let n = 0; n < 2; n += 1) must(202, await anonymous.post('auth/password-resets', { email }))
  const token = await tokenFor(fixture, 'password_reset', email)
  must(204, await anonymous.post('auth/password-resets/accept', { token, password: 'four words are enough' }))
  assert.deepEqual(await deliverTo(email), { received: 1, states: ['sent'] })
  assert.equal((await mailsTo(fixture, email))[0]?.kind, 'password_changed')
})

test('of two changes of an address only the confirmation of the last one is sent', async () => {
  const [first, second] = [`first@${north}.example`, `second@${north}.example`]
  for (const email of [first, second]) must(200, await staff.patch('me', { email, current_password: password }))
  assert.deepEqual(await deliverTo(first), { received: 0, states: [] })
  assert.deepEqual(await deliverTo(second), { received: 1, states: ['sent'] })
})

test('every e-mail with a link has the check', () => {
  assert.deepEqual(Object.keys(checkedMails).toSorted(), Object.keys(accountMails).toSorted())
  for (const [kind, { path, isLinkValid }] of Object.entries(checkedMails)) {
    assert.equal(isLinkValid !== undefined, path !== undefined, kind)
  }
})
