// What a value looks like in the audit log: words about guests are left out, long values are digests.
import { createHash } from 'node:crypto'
import sql from 'sql-template-tag'

/** A text of more bytes than this, and anything else whose JSON has more than that, is not kept in clear. */
const most_text_bytes = 256
const most_json_bytes = 2048

/**
 * Columns that hold words people write about guests, by name, in every table. The log is sealed and cannot be changed, but
 * a guest can be erased: it keeps that there were words, not which. Nor does it keep their digest: a digest of a name can
 * be found by trying names.
 */
const personal_texts: readonly string[] = ['cancellation_reason', 'guest_message', 'internal_notes', 'notes']

/** What stands in the log for a long value: the SHA-256 of its text, or of its JSON, and how many characters that has. */
export interface Digest {
  readonly digest: string
  readonly length: number
}

/**
 * The columns of an entry as they are written to the log. `[text]` stands for words about guests. Long values are digests:
 * two of them are the same exactly when their digests are. The log is kept for ever and read in pages, so an entry has a
 * bounded size whatever a field allows.
 */
export function auditValues(columns: object): object {
  const entries = Object.entries(columns).map(([name, value]) => {
    const is_personal = typeof value === 'string' && personal_texts.includes(name)
    return [name, is_personal ? '[text]' : auditValue(value)]
  })
  return Object.fromEntries(entries)
}

function auditValue(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.byteLength(value) > most_text_bytes ? digestOf(value) : value
  if (typeof value !== 'object' || value === null) return value
  const json = JSON.stringify(value)
  return Buffer.byteLength(json) > most_json_bytes ? digestOf(json) : value
}

function digestOf(text: string): Digest {
  return { digest: `sha256:${createHash('sha256').update(text).digest('hex')}`, length: text.length }
}

/**
 * The bytes of an entry `r` of the log, for a page: those written before there were digests have up to some 100 kB.
 */
export const changeBytes = sql`500 + coalesce(octet_length(r.before::text), 0) + coalesce(octet_length(r.after::text), 0)`
