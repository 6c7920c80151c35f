// Links and secrets of e-mails: absolute addresses, and secrets that are encrypted in the database.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Config } from '../../config.ts'
import type { Tokens } from '../auth/tokens.ts'

export interface Mail {
  /** Whether e-mails are sent: SMTP_URL is set. Otherwise the operator reads them (roost mail). */
  readonly is_sent: boolean
  /** The absolute link to a page with a secret. */
  linkTo(path: string, token: string): string
  /** The stored form of a message's secret. Throws without JWT_SECRET. */
  seal(message_id: string, secret: string): Buffer
  /** The secret; undefined when it was sealed for another message or with another JWT_SECRET. */
  open(message_id: string, sealed: Uint8Array): string | undefined
}

const algorithm = 'aes-256-gcm'
const nonce_bytes = 12
const tag_bytes = 16

export function createMail(config: Config, tokens: Pick<Tokens, 'deriveKey'>): Mail {
  let key: Buffer | undefined
  const keyOf = () => {
    key ??= tokens.deriveKey('secrets in e-mails')
    return key
  }
  return {
    is_sent: config.smtp_url !== undefined,
    linkTo: (path, token) => `${publicUrlOf(config)}${path}?token=${encodeURIComponent(token)}`,
    seal(message_id, secret) {
      const nonce = randomBytes(nonce_bytes)
      const cipher = createCipheriv(algorithm, keyOf(), nonce).setAAD(Buffer.from(message_id))
      return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(message_id, sealed) {
      const bytes = Buffer.from(sealed)
      const [nonce, tag] = [bytes.subarray(0, nonce_bytes), bytes.subarray(-tag_bytes)]
      try {
        const decipher = createDecipheriv(algorithm, keyOf(), nonce).setAAD(Buffer.from(message_id)).setAuthTag(tag)
        const text = decipher.update(bytes.subarray(nonce_bytes, -tag_bytes))
        return Buffer.concat([text, decipher.final()]).toString()
      } catch {
        return undefined
      }
    },
  }
}

/** The address of the service in links, without a slash at the end: PUBLIC_URL, or where it listens. */
export function publicUrlOf({ public_url, host, port }: Pick<Config, 'public_url' | 'host' | 'port'>): string {
  if (public_url !== undefined) return public_url
  const is_wildcard = host === '0.0.0.0' || host === '::'
  const name = is_wildcard ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}
