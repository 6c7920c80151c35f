// What roost doctor says about e-mails.
import type { Config } from '../config.ts'
import { publicUrlOf } from '../core/mail/mail.ts'
import type { MailStates } from '../core/mail/outbox.ts'

/** A link is valid for an hour, so a message that waits for some minutes is late. */
const late_ms = 5 * 60_000

export function judgeMail(
  { waiting, oldest_at, failed }: MailStates,
  config: Config,
): { readonly result: 'ok' | 'warning'; readonly message: string } {
  const warning = (message: string) => ({ result: 'warning', message }) as const
  if (failed > 0) return warning(`${failed} e-mails could not be delivered in the last seven days: roost mail list`)
  if (config.smtp_url === undefined) {
    const message = 'none is sent (SMTP_URL is not set)'
    return waiting === 0 ? { result: 'ok', message } : warning(`${message}; ${waiting} can be read: roost mail list`)
  }
  if (oldest_at !== null && Date.now() - Date.parse(oldest_at) > late_ms) {
    return warning(`${waiting} e-mails wait, the oldest since ${oldest_at}: roost mail list`)
  }
  if (config.public_url === undefined) {
    return warning(`PUBLIC_URL is not set: links in e-mails lead to ${publicUrlOf(config)}`)
  }
  return { result: 'ok', message: 'no e-mail is late' }
}
