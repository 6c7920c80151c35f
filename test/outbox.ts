// Reads the outbox of a fixture: what the recipient of an e-mail would see.
import assert from 'node:assert/strict'
import { createMail } from '../src/core/mail/mail.ts'
import { type ListedMail, listMail } from '../src/core/mail/outbox.ts'
import type { Fixture } from './harness.ts'

/** With a mail server that nothing reaches: the API then shows no links. */
export const with_mail_server = {
  SMTP_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'roost@example.com',
  PUBLIC_URL: 'https://roost.example',
}

/** The messages to an address, newest first. */
export async function mailsTo({ store }: Pick<Fixture, 'store'>, address: string): Promise<ListedMail[]> {
  return (await listMail(store.db, 1000)).filter(({ to_address }) => to_address === address)
}

/** The secret of the newest message of a kind to an address. */
export async function tokenFor(
  fixture: Pick<Fixture, 'store' | 'config' | 'tokens'>,
  kind: string,
  address: string,
): Promise<string> {
  const message = (await mailsTo(fixture, address)).find((one) => one.kind === kind)
  assert.ok(message?.secret, `no ${kind} for ${address}`)
  return createMail(fixture.config, fixture.tokens).open(message.id, message.secret) ?? assert.fail('unreadable')
}
