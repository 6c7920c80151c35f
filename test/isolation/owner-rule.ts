// Statements that an owner's request sends: a read of properties or of what belongs to them must show own ones only.
import { parseSync } from 'libpg-query'
import type { IsolationException } from './exceptions.ts'
import { auditStatement } from './statement-audit.ts'

/** The tables with a policy `owner_scope`, which is the second filter. test/isolation/owner-rule.test.ts compares them. */
export const ownedTables: readonly string[] = [
  'blocks',
  'booking_conflicts',
  'bookings',
  'occupancies',
  'properties',
  'property_photos',
]

/** Reads without a filter of their own that only row-level security limits. */
export const ownerExceptions: readonly IsolationException[] = []

const owner_column = new Map([['properties', 'owner_id']])

/**
 * What is wrong with a statement that an owner has sent; undefined when nothing is. A read must compare `owner_id` of a table of
 * properties with a parameter, at a place where the comparison limits the rows, or use app.own_properties(). Changes are of
 * rows that such a read has found.
 */
export function findOwnerProblem(text: string, tables: readonly string[]): string | undefined {
  if (!tables.some((table) => ownedTables.includes(table)) || !isRead(text)) return undefined
  const is_filtered = auditStatement(text, owner_column).tables.some(({ filter }) => filter !== 'none')
  if (is_filtered || text.includes('app.own_properties()')) return undefined
  return 'an owner sends it, and it does not filter by owner: add p.owner_id = <the actor>'
}

function isRead(text: string): boolean {
  return (parseSync(text).stmts ?? []).every(({ stmt }) => stmt !== undefined && 'SelectStmt' in stmt)
}
