// Hands messages to the mail server (SMTP).
import { createTransport, type NodemailerError } from 'nodemailer'
import type { RenderedMail } from './template.ts'

export interface MailTransport {
  /** Resolves when the server has accepted the message. Throws MailRefusedError or MailDelayedError. */
  send(message: RenderedMail & { readonly id: string; readonly to: string }): Promise<void>
  close(): void
}

/** The server refuses the message or its recipient for good. The message is a code. */
export class MailRefusedError extends Error {}

/** Another attempt may succeed. The message is a code. */
class MailDelayedError extends Error {}

const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 }

/** `url` is SMTP_URL, `from` is MAIL_FROM. It opens a connection for each message. */
export function createMailTransport(url: string, from: string): MailTransport {
  const transport = createTransport({ url, ...timeouts, disableFileAccess: true, disableUrlAccess: true })
  const sender = /<([^>]*)>$/.exec(from)?.[1] ?? from
  return {
    async send({ id, to, subject, text, html }) {
      const message = { from, to: { name: '', address: to }, subject, text, html }
      const headers = { 'Auto-Submitted': 'auto-generated' }
      const identity = { messageId: `<${id}@${sender.split('@')[1]}>`, envelope: { from: sender, to: [to] } }
      try {
        await transport.sendMail({ ...message, ...identity, headers })
      } catch (error) {
        throw asMailError(error)
      }
    },
    close: () => transport.close(),
  }
}

/** A refusal of the sender or of the sign-in is a mistake in the settings, which the operator can correct. */
function asMailError(error: unknown): Error {
  const { code = 'EUNKNOWN', command, responseCode } = error as Partial<NodemailerError>
  const text = [code, responseCode].filter((part) => part !== undefined).join(' ')
  const is_final = responseCode !== undefined && responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA')
  return is_final ? new MailRefusedError(text) : new MailDelayedError(text)
}
