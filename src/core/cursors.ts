// Keyset cursors, encrypted because sort keys can be names of guests and cursors are part of URLs.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { CursorInvalidError } from './errors.ts'

export interface Cursors {
  /** The cursor that continues after the row with these sort keys. Deterministic for the same keys and scope. */
  seal(keys: readonly string[], scope: readonly unknown[]): string
  /** The sort keys of a cursor. Throws CursorInvalidError unless the cursor belongs to this scope. */
  open(cursor: string, scope: readonly unknown[]): string[]
}

const algorithm = 'aes-256-gcm'
const iv_bytes = 12
const tag_bytes = 16

/**
 * AES-256-GCM with the scope as additional authenticated data. The nonce is an HMAC of scope and keys (a synthetic IV), so it
 * repeats only for an identical cursor, and a page that is read twice has the same bytes. All API processes share `secret`, so
 * each of them can continue any list.
 */
export function createCursors(secret: string): Cursors {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `roost list cursor v2 ${purpose}`, 32))
  const [cipher_key, nonce_key] = [derive('cipher'), derive('nonce')]

  return {
    seal(keys, scope) {
      const bound = JSON.stringify(scope)
      // NUL is a safe separator: PostgreSQL text cannot contain it.
      const plain = keys.join('\0')
      const iv = createHmac('sha256', nonce_key).update(`${bound}\0${plain}`).digest().subarray(0, iv_bytes)
      const cipher = createCipheriv(algorithm, cipher_key, iv).setAAD(Buffer.from(bound))
      return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
        'base64url',
      )
    },
    open(cursor, scope) {
      const bytes = Buffer.from(cursor, 'base64url')
      // Several base64url texts decode to the same bytes. Only the canonical one is accepted.
      if (bytes.length < iv_bytes + tag_bytes || bytes.toString('base64url') !== cursor) throw new CursorInvalidError()
      const decipher = createDecipheriv(algorithm, cipher_key, bytes.subarray(0, iv_bytes), {
        authTagLength: tag_bytes,
      })
        .setAAD(Buffer.from(JSON.stringify(scope)))
        .setAuthTag(bytes.subarray(-tag_bytes))
      try {
        const plain = Buffer.concat([decipher.update(bytes.subarray(iv_bytes, -tag_bytes)), decipher.final()])
        return plain.toString().split('\0')
      } catch {
        throw new CursorInvalidError()
      }
    },
  }
}
