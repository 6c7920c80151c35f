// Imports one stay of Airbnb, as the operator does.
import type { Database } from '../src/core/postgres/database.ts'
import { importBookings } from '../src/features/imports/imports.ts'
import { csv, fileOf } from './import-files.ts'

interface ChannelStay {
  readonly agency_id: string
  /** The name of the property. */
  readonly listing: string
  readonly dates: readonly [start: string, end: string]
}

/** A confirmed stay of Ada Lovelace. On taken nights it becomes a conflict. */
export async function importStay(db: Database, { agency_id, listing, dates }: ChannelStay): Promise<void> {
  const header = 'Confirmation code,Status,Guest name,# of adults,Start date,End date,Listing,Earnings'.split(',')
  const line = ['HM1', 'Confirmed', 'Ada Lovelace', '2', ...dates, listing, '€300.00']
  const options = { has_assignment: false, currency: undefined, date_order: undefined, is_dry_run: false }
  await importBookings(db, { file: fileOf(csv(header, line)), agency_id, ...options })
}
