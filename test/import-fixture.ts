// The fixture of the import tests: agencies with properties, and reports for assertions.
import { after } from 'node:test'
import { operatorOf } from '../src/core/auth/actors.ts'
import type { Database } from '../src/core/postgres/database.ts'
import { createAgency } from '../src/features/agencies/agencies.ts'
import type { BookingsRequest } from '../src/features/imports/imports.ts'
import { importBookings, importListings } from '../src/features/imports/imports.ts'
import type { ImportReport } from '../src/features/imports/report.ts'
import { createProperty } from '../src/features/properties/properties.ts'
import type { NewProperty } from '../src/features/properties/schema.ts'
import { openTestStore, type TestStore } from './engines.ts'
import { fileOf } from './import-files.ts'

let made = 0

export interface ImportFixture {
  readonly store: TestStore
  readonly db: Database
  /** Creates an agency. Returns its id. */
  newAgency(): Promise<string>
  /** Creates a property for 4 guests at 100.00 EUR a night, unless `more` says otherwise. Returns its id. */
  newProperty(agency_id: string, more?: Partial<NewProperty>): Promise<string>
  importListings(agency_id: string, content: string | Buffer, more?: object): Promise<ImportReport>
  importBookings(agency_id: string, content: string | Buffer, more?: Partial<BookingsRequest>): Promise<ImportReport>
  /** Rows as the schema's owner, not subject to row-level security. */
  rows(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]>
}

export async function openImportFixture(): Promise<ImportFixture> {
  const store = await openTestStore()
  after(() => store.close())
  const { db } = store
  return {
    store,
    db,
    newAgency: async () => (await createAgency(db, { name: 'Imported', slug: `imported-${process.pid}-${++made}` })).id,
    newProperty: (agency_id, more) => {
      const property: NewProperty = {
        name: 'Home',
        property_type: 'house',
        max_guests: 4,
        base_price_cents: 10_000,
        ...more,
      }
      return db.tenantTx(operatorOf(agency_id), async (tx) => (await createProperty(tx, property)).id)
    },
    importListings: (agency_id, content, more = {}) =>
      importListings(db, { file: fileOf(content), agency_id, currency: 'SEK', is_dry_run: false, ...more }),
    importBookings: (agency_id, content, more = {}) =>
      importBookings(db, {
        file: fileOf(content),
        agency_id,
        has_assignment: false,
        currency: undefined,
        date_order: undefined,
        is_dry_run: false,
        ...more,
      }),
    rows: async (text, ...values) => (await store.owner.query(text, values)).rows,
  }
}

/** "created 2, error 1": the outcomes that occurred. */
export function outcomesOf(report: ImportReport): string {
  return (['created', 'updated', 'skipped', 'conflict', 'error'] as const)
    .filter((outcome) => report[outcome] > 0)
    .map((outcome) => `${outcome} ${report[outcome]}`)
    .join(', ')
}

/** "line column: reason" of each problem. */
export function problemsOf(report: ImportReport): string[] {
  return report.problems.map(({ line, column, reason }) => `${line} ${column}: ${reason}`)
}
