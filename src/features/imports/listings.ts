// Imports listings as properties: creates, updates or skips each, by external id.
import sql from 'sql-template-tag'
import { columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { createProperties, updateProperty } from '../properties/properties.ts'
import type { PropertyPatch } from '../properties/schema.ts'
import { withCustomPlan } from './custom-plan.ts'
import { createDuplicateCheck } from './duplicate-rows.ts'
import { type Listing, type ListingKey, listingFields, readListing } from './formats/inside-airbnb-listings.ts'
import type { Importer, RowOutcome } from './importer.ts'

const source = 'inside_airbnb'

/** `currency`: of every price in the file. */
export function createListingImporter(currency: string): Importer<ListingKey, Listing> {
  const duplicates = createDuplicateCheck<ListingKey>()
  return {
    read(row) {
      const listing = readListing(row, currency)
      return duplicates.check(row, 'id', listing.facts) ?? listing
    },
    async save(tx, listings) {
      const ids = listings.map(({ external_id }) => external_id)
      const existing = await findExisting(tx, ids)
      const created = listings.filter(({ external_id }) => !existing.has(external_id))
      await createProperties(
        tx,
        created.map(({ external_id, facts: { min_nights, max_nights, ...facts } }) => ({
          ...facts,
          ...(min_nights !== null && { min_nights }),
          ...(max_nights !== null && { max_nights }),
          ...{ currency, source, external_id },
        })),
      )
      return settleAll(...listings.map((listing) => update(tx, listing, existing.get(listing.external_id), currency)))
    },
    columns_by_field: listingFields,
    reset: () => undefined,
  }
}

const compared = [
  'name',
  'property_type',
  'max_guests',
  'bedrooms',
  'beds',
  'bathrooms',
  'city',
  'latitude',
  'longitude',
  'base_price_cents',
  'min_nights',
  'max_nights',
] as const

type ExistingProperty = Listing['facts'] & {
  readonly id: string
  readonly external_id: string
  readonly currency: string
  readonly is_deleted: boolean
}

/** By external id. One index lookup per id: without table statistics, `= any` would scan every property. */
async function findExisting(tx: Tx, external_ids: readonly string[]): Promise<Map<string, ExistingProperty>> {
  const rows = await withCustomPlan<ExistingProperty>(
    tx,
    sql`
    select k.* from unnest(${external_ids}::text[]) as e(external_id)
    cross join lateral (
      select ${columns(['id', 'external_id', 'currency', ...compared], 'p.')}, p.deleted_at is not null as is_deleted
      from properties p
      where p.agency_id = ${tx.agency_id} and p.source = ${source} and p.external_id = e.external_id
      limit 1) k`,
  )
  return new Map(rows.map((row) => [row.external_id, row]))
}

async function update(
  tx: Tx,
  { facts }: Listing,
  existing: ExistingProperty | undefined,
  currency: string,
): Promise<RowOutcome> {
  if (existing === undefined) return { outcome: 'created' }
  if (existing.is_deleted) return { outcome: 'skipped', note: 'the property was deleted in Roost and stays deleted' }
  const patch = changesOf(existing, facts, currency)
  if (Object.keys(patch).length === 0) return { outcome: 'skipped' }
  await updateProperty(tx, existing.id, patch)
  return { outcome: 'updated' }
}

/** Only values that the file has: an empty cell erases nothing. The currency changes only together with a price. */
function changesOf(existing: ExistingProperty, facts: Listing['facts'], currency: string): PropertyPatch {
  const changed = compared.filter((field) => facts[field] !== null && facts[field] !== existing[field])
  const has_other_currency = facts.base_price_cents !== null && currency !== existing.currency
  return {
    ...Object.fromEntries(changed.map((field) => [field, facts[field]])),
    ...(has_other_currency && { currency }),
  }
}
