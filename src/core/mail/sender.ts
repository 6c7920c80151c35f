// Sends the messages of the outbox, at least once each, with pauses after failures.
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import type { Database } from '../postgres/database.ts'
import type { Mail } from './mail.ts'
import { type ClaimedMail, claimMail, type MailOutcome, settleMail } from './outbox.ts'
import { type MailTemplates, renderMail } from './template.ts'
import { MailRefusedError, type MailTransport } from './transport.ts'

/** The pause when no message is due. */
const idle_ms = 2000

/** About eight hours in total. A message with a link that has expired is not sent. */
const max_attempts = 14
const first_retry_s = 30
const last_retry_s = 3600

export interface MailSenderOptions {
  readonly db: Database
  readonly log: Logger
  readonly mail: Mail
  readonly templates: MailTemplates
  readonly transport: MailTransport
}

/** Sends the message that has been due for the longest time. False when none is due. */
export async function sendNext(options: MailSenderOptions): Promise<boolean> {
  const { db, log } = options
  const lease = randomUUID()
  const message = await claimMail(db, lease)
  if (message === undefined) return false
  const outcome = await attempt(message, options)
  // Codes only: an address is personal data.
  const fields = { mail_id: message.id, kind: message.kind, attempt: message.attempts }
  if (outcome.state === 'failed') log.error({ ...fields, error: outcome.error }, 'an e-mail could not be delivered')
  if (outcome.state === 'waiting') log.warn({ ...fields, error: outcome.error }, 'an e-mail is delayed')
  await settleMail(db, message.id, lease, outcome)
  return true
}

async function attempt(
  { id, kind, to_address: to, language, params, secret, attempts, is_wanted }: ClaimedMail,
  { db, mail, templates, transport }: MailSenderOptions,
): Promise<MailOutcome> {
  // The domain .invalid receives no mail (RFC 2606): such addresses are those of roost verify.
  if (!is_wanted || to.endsWith('.invalid')) return { state: 'unwanted' }
  const template = templates[kind]
  // Of another release, which may run at the same time.
  if (template === undefined) return retryOrGiveUp('UNKNOWN_KIND', attempts)
  const token = secret === null ? undefined : mail.open(id, secret)
  if (template.path !== undefined && token === undefined) return { state: 'failed', error: 'SECRET_UNREADABLE' }
  if (token !== undefined && (await template.isLinkValid?.(db, token)) === false) return { state: 'unwanted' }
  const link = template.path === undefined || token === undefined ? undefined : mail.linkTo(template.path, token)
  try {
    await transport.send({ id, to, ...renderMail(template, language, params, link) })
    return { state: 'sent' }
  } catch (error) {
    const { message } = error as Error
    return error instanceof MailRefusedError ? { state: 'failed', error: message } : retryOrGiveUp(message, attempts)
  }
}

function retryOrGiveUp(error: string, attempts: number): MailOutcome {
  if (attempts >= max_attempts) return { state: 'failed', error }
  return { state: 'waiting', error, retry_s: Math.min(first_retry_s * 2 ** (attempts - 1), last_retry_s) }
}

/** A slow mail server must not delay the end of the process. The message is then sent again after its lease. */
const stop_timeout_ms = 8000

export interface MailSender {
  /** Waits for an attempt in progress, at most eight seconds. */
  stop(): Promise<void>
}

/** Sends messages one after the other while `isWorking`. Only the first of consecutive failures of the database is logged. */
export function startMailSender(options: MailSenderOptions, isWorking: () => boolean): MailSender {
  const { log, transport } = options
  const stopping = new AbortController()
  const { signal } = stopping
  let is_failing = false

  async function sendOne(): Promise<boolean> {
    try {
      const has_sent = await sendNext(options)
      is_failing = false
      return has_sent
    } catch (error) {
      if (!is_failing) log.error({ error: (error as Error).message }, 'reading the outbox of e-mails failed')
      is_failing = true
      return false
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      if (isWorking() && (await sendOne())) continue
      await delay(idle_ms, undefined, { signal, ref: false }).catch(() => {})
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      const waiting = new AbortController()
      await Promise.race([running, delay(stop_timeout_ms, undefined, { signal: waiting.signal }).catch(() => {})])
      waiting.abort()
      transport.close()
    },
  }
}
