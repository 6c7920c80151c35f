// Detects rows of one file with the same key. The first one counts.
import { createHash } from 'node:crypto'
import type { Row } from './csv/columns.ts'
import type { RowOutcome } from './importer.ts'

export interface DuplicateCheck<Key extends string> {
  /**
   * undefined for the first row with this text in the `key` column, `skipped` for a later one with the same facts.
   * Throws RowError for a later one with other facts.
   */
  check(row: Row<Key>, key: Key, facts: object): RowOutcome | undefined
}

/** Uses about 150 bytes per row. */
export function createDuplicateCheck<Key extends string>(): DuplicateCheck<Key> {
  const rows = new Map<string, string>()
  return {
    check(row, key, facts) {
      const digest = digestOf(facts)
      const earlier = rows.get(row.text(key))
      if (earlier === undefined) {
        rows.set(row.text(key), `${row.line} ${digest}`)
        return undefined
      }
      const [line, earlier_digest] = earlier.split(' ')
      if (earlier_digest === digest) return { outcome: 'skipped', note: 'the same as an earlier row' }
      throw row.error(key, `is already in line ${line}, with other values`)
    },
  }
}

/** 128 bits of SHA-256 over the JSON text, as 22 characters of base64url. Stable across runs and machines. */
export function digestOf(facts: object): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest().subarray(0, 16).toString('base64url')
}
