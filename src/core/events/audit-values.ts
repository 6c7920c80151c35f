// The form of values in the audit log: texts about guests are left out, long values are digests.
import { createHash } from 'node:crypto'
import sql from 'sql-template-tag'

/** A longer text, or another value with a longer JSON form, is replaced by its digest. */
const max_text_bytes = 256
const max_json_bytes = 2048

/**
 * Names of the columns, in all tables, with free text about guests. The log cannot be changed, but a guest can be erased, so
 * it records that there was a text and not the text. A digest is not recorded either: a short text can be found by trying.
 */
const personal_texts: readonly string[] = [
  'cancellation_reason',
  'guest_message',
  'internal_notes',
  'notes',
  'refund_reason',
]

/** Replaces a long value: the SHA-256 of its text or JSON, and the length of that in characters. */
interface Digest {
  readonly digest: string
  readonly length: number
}

/**
 * Converts the columns of an entry to their logged form: `[text]` for free text about guests, a digest for a long value.
 * The log is kept permanently and read in pages, so the size of an entry is bounded.
 */
export function toAuditValues(columns: object): object {
  const entries = Object.entries(columns).map(([name, value]) => {
    const is_personal = typeof value === 'string' && personal_texts.includes(name)
    return [name, is_personal ? '[text]' : toAuditValue(value)]
  })
  return Object.fromEntries(entries)
}

function toAuditValue(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.byteLength(value) > max_text_bytes ? digest(value) : value
  if (typeof value !== 'object' || value === null) return value
  const json = JSON.stringify(value)
  return Buffer.byteLength(json) > max_json_bytes ? digest(json) : value
}

function digest(text: string): Digest {
  return { digest: `sha256:${createHash('sha256').update(text).digest('hex')}`, length: text.length }
}

/** Estimates the bytes of an entry `r` in a page. Entries from before digests were introduced have up to about 100 kB. */
export const auditEntryBytes = sql`500 + coalesce(octet_length(r.before::text), 0) + coalesce(octet_length(r.after::text), 0)`
