// The outbox: e-mails are added in the transaction of their cause, and sent by the worker (sender.ts).
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { RateLimitedError } from '../errors.ts'
import { deleteInBatches } from '../jobs/in-batches.ts'
import type { Database } from '../postgres/database.ts'
import type { SystemTx } from '../postgres/transaction.ts'
import type { Mail } from './mail.ts'
import type { Language, MailParams } from './template.ts'

export interface NewMail {
  /** A kind of a feature's templates. */
  readonly kind: string
  readonly to: string
  readonly params?: MailParams
  /** The secret of the link. */
  readonly token?: string
  /** Of the agency that caused it. The language of the person comes first. */
  readonly language?: Language | null
  /** Not sent when the address has no account with a password. */
  readonly for_account?: true
  /** Seconds until the message is no longer sent. */
  readonly lifetime_s: number
}

/** Adds a message to the outbox. Throws RateLimitedError after twenty messages to one address in an hour. */
export async function queueMail(tx: SystemTx, mail: Mail, message: NewMail): Promise<void> {
  if (!(await tryQueueMail(tx, mail, message))) throw new RateLimitedError({ headers: { 'retry-after': '3600' } })
}

/** Like queueMail; false instead of the error, for a message that is not what the request asks for. */
export async function tryQueueMail(tx: SystemTx, mail: Mail, message: NewMail): Promise<boolean> {
  const { kind, to, params = {}, token, language = null, for_account = false, lifetime_s } = message
  const id = randomUUIDv7()
  const sealed = token === undefined ? null : mail.seal(id, token)
  const expires_at = new Date(Date.now() + lifetime_s * 1000).toISOString()
  const { is_added } = await tx.one<{ is_added: boolean }>(sql`
    select app.queue_mail(${id}, ${kind}, ${to}, ${language}, ${JSON.stringify(params)}::jsonb, ${sealed},
      ${expires_at}::timestamptz, ${for_account}) as is_added`)
  return is_added
}

/** A message that one attempt has leased. */
export interface ClaimedMail {
  readonly id: string
  readonly kind: string
  readonly to_address: string
  readonly language: Language
  readonly params: MailParams
  readonly secret: Uint8Array | null
  /** With this one. */
  readonly attempts: number
  /** False when the address has no account for which the message is. */
  readonly is_wanted: boolean
}

/** Leases the message that has been due for the longest time for five minutes; undefined when none is due. */
export function claimMail(db: Database, lease: string): Promise<ClaimedMail | undefined> {
  return db.systemTx((tx) =>
    tx.maybe<ClaimedMail>(sql`
      select id, kind, to_address, language, params, secret, attempts, is_wanted from app.claim_mail(${lease})`),
  )
}

/** The outcome of an attempt. `error` is a code, never a message. */
export type MailOutcome =
  | { readonly state: 'sent' | 'unwanted' }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'waiting'; readonly error: string; readonly retry_s: number }

export async function settleMail(db: Database, id: string, lease: string, outcome: MailOutcome): Promise<void> {
  const error = 'error' in outcome ? outcome.error.slice(0, 100) : null
  const retry_s = 'retry_s' in outcome ? outcome.retry_s : 0
  await db.systemTx((tx) =>
    tx.query(sql`select app.settle_mail(${id}, ${lease}, ${outcome.state}, ${error}, ${retry_s})`),
  )
}

export interface ListedMail extends Omit<ClaimedMail, 'is_wanted'> {
  readonly state: 'waiting' | 'sent' | 'failed' | 'expired'
  readonly last_error: string | null
  readonly created_at: string
  readonly expires_at: string
  readonly settled_at: string | null
}

/** The newest messages; with an id only that one. */
export function listMail(db: Database, limit: number, id: string | null = null): Promise<ListedMail[]> {
  return db.systemRead((tx) =>
    tx.query<ListedMail>(sql`
      select id, kind, to_address, language, params, secret, state, attempts, last_error, created_at, expires_at, settled_at
      from app.list_mail(${id}, ${limit})`),
  )
}

export interface MailStates {
  readonly waiting: number
  /** When the oldest waiting message was added. */
  readonly oldest_at: string | null
  /** Given up in the last seven days. */
  readonly failed: number
}

export function readMailStates(db: Pick<Database, 'systemRead'>): Promise<MailStates> {
  return db.systemRead((tx) => tx.one<MailStates>(sql`select waiting, oldest_at, failed from app.mail_states()`))
}

/** Ends expired messages, and deletes those that were settled 30 days ago. Returns how many were deleted. */
export function purgeMail(db: Database, signal?: AbortSignal): Promise<number> {
  const deleteBatch = (size: number) =>
    db.systemTx((tx) => tx.one<{ deleted: number }>(sql`select app.purge_mail(${size}) as deleted`))
  return deleteInBatches(async (size) => (await deleteBatch(size)).deleted, signal)
}
