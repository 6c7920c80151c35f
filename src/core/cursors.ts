// Keyset cursors: encrypted, because sort keys can be guests' names and cursors stand in URLs.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { CursorInvalidError } from './errors.ts'

export interface Cursors {
  /** The cursor that continues behind the row with these sort keys; the same keys and scope give the same cursor. */
  seal(keys: readonly string[], scope: readonly unknown[]): string
  /** The sort keys inside; throws CursorInvalidError for anything but a cursor of this very scope. */
  open(cursor: string, scope: readonly unknown[]): string[]
}

const algorithm = 'aes-256-gcm'
const iv_bytes = 12
const tag_bytes = 16

/**
 * AES-256-GCM with the scope as additional data. The nonce is an HMAC of scope and keys (a synthetic IV): it repeats only
 * for the very same cursor, so no state is needed and a page read twice is the same bytes. `secret` is shared by all API
 * processes, so that any of them can continue a list another one began.
 */
export function createCursors(secret: string): Cursors {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', secret, '', `roost list cursor v2 ${purpose}`, 32))
  const [cipher_key, nonce_key] = [derive('cipher'), derive('nonce')]

  return {
    seal(keys, scope) {
      const bound = JSON.stringify(scope)
      // PostgreSQL's texts hold no NUL.
      const plain = keys.join('\0')
      const iv = createHmac('sha256', nonce_key).update(`${bound}\0${plain}`).digest().subarray(0, iv_bytes)
      const cipher = createCipheriv(algorithm, cipher_key, iv).setAAD(Buffer.from(bound))
      return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
        'base64url',
      )
    },
    open(cursor, scope) {
      const bytes = Buffer.from(cursor, 'base64url')
      // Several spellings of base64url decode to the same bytes: only our own is a cursor.
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
