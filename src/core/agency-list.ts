// The agencies of a database, for jobs and commands that visit all of them.
import sql from 'sql-template-tag'
import type { Database } from './postgres/database.ts'

export interface ListedAgency {
  readonly id: string
  readonly slug: string
}

/** All open agencies by slug. */
export function listAgencies(db: Database): Promise<ListedAgency[]> {
  return db.systemRead((tx) => tx.query<ListedAgency>(sql`select id, slug from app.list_agencies()`))
}
