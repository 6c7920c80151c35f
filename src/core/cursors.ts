// Signed keyset cursors: opaque to clients, bound to the agency, the user, the list and its filters.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { CursorInvalidError } from './errors.ts'

export interface Cursors {
  /** The cursor that continues behind the row with these sort keys. */
  sign(keys: readonly string[], scope: readonly unknown[]): string
  /** The sort keys inside; throws CursorInvalidError for anything but a cursor of this very scope. */
  open(cursor: string, scope: readonly unknown[]): string[]
}

/** `secret` is shared by all API processes, so that any of them can continue a list another one began. */
export function createCursors(secret: string): Cursors {
  const key = createSecretKey(createHmac('sha256', secret).update('roost list cursor v1').digest())
  const seal = (payload: string, scope: readonly unknown[]) =>
    createHmac('sha256', key)
      .update(JSON.stringify(scope))
      .update('\0')
      .update(payload)
      .digest('base64url')
      .slice(0, 22)

  return {
    sign(keys, scope) {
      const payload = Buffer.from(JSON.stringify(keys)).toString('base64url')
      return `${payload}.${seal(payload, scope)}`
    },
    open(cursor, scope) {
      const [payload = '', signature = '', ...rest] = cursor.split('.')
      // Compared as text: several spellings of base64url decode to the same bytes.
      const given = Buffer.from(signature)
      const expected = Buffer.from(seal(payload, scope))
      const is_genuine = rest.length === 0 && given.length === expected.length && timingSafeEqual(given, expected)
      if (!is_genuine) throw new CursorInvalidError()
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as string[]
    },
  }
}
