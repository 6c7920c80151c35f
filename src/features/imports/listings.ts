// Listings -> properties, found again by where they came from: a second import of the same file changes nothing.
import sql from 'sql-template-tag'
import { columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { createProperties, updateProperty } from '../properties/properties.ts'
import type { PropertyPatch } from '../properties/schema.ts'
import { type Done, sideBySide } from './batch.ts'
import { type Listing, type ListingKey, readListing } from './inside-airbnb.ts'
import { plannedAnew } from './planned-anew.ts'
import { createRepeats } from './repeats.ts'
import type { Importer } from './run.ts'

const source = 'inside_airbnb'

type Known = Listing['facts'] & {
  readonly id: string
  readonly external_id: string
  readonly currency: string
  readonly is_deleted: boolean
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
] as const

/** `currency`: of every price in the file. */
export function createListingImporter(currency: string): Importer<ListingKey, Listing> {
  const repeats = createRepeats()
  return {
    read(row) {
      const listing = readListing(row, currency)
      const repeated = repeats.check(listing.external_id, row.line, listing.facts)
      if (repeated === 'same') return { outcome: 'skipped', note: 'the same as a line before' }
      if (repeated !== undefined) throw row.error('id', `stands in line ${repeated} already, with other facts`)
      return listing
    },
    async save(tx, listings) {
      const ids = listings.map(({ external_id }) => external_id)
      const known = await findKnown(tx, ids)
      const fresh = listings.filter(({ external_id }) => !known.has(external_id))
      await createProperties(
        tx,
        fresh.map(({ external_id, facts }) => ({ ...facts, currency, source, external_id })),
      )
      return sideBySide(listings, (listing) => update(tx, listing, known.get(listing.external_id), currency))
    },
    columnOf: (field) => fieldColumns[field],
    forget: () => undefined,
  }
}

const fieldColumns: Readonly<Record<string, ListingKey>> = {
  external_id: 'id',
  name: 'name',
  property_type: 'property_type',
  max_guests: 'accommodates',
  bathrooms: 'bathrooms',
  base_price_cents: 'price',
}

/** One index probe per id: without statistics a list of ids would read every property there is. */
async function findKnown(tx: Tx, external_ids: readonly string[]): Promise<Map<string, Known>> {
  const rows = await plannedAnew<Known>(
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

async function update(tx: Tx, { facts }: Listing, known: Known | undefined, currency: string): Promise<Done> {
  if (known === undefined) return { outcome: 'created' }
  if (known.is_deleted) return { outcome: 'skipped', note: 'the property was deleted in Roost and stays deleted' }
  const patch = changesOf(known, facts, currency)
  if (Object.keys(patch).length === 0) return { outcome: 'skipped' }
  await updateProperty(tx, known.id, patch)
  return { outcome: 'updated' }
}

/** What the file says otherwise. An empty cell says nothing, so it erases nothing; a price brings its currency. */
function changesOf(known: Known, facts: Listing['facts'], currency: string): PropertyPatch {
  const differing = compared.filter((field) => facts[field] !== null && facts[field] !== known[field])
  const is_other_currency = facts.base_price_cents !== null && currency !== known.currency
  return {
    ...Object.fromEntries(differing.map((field) => [field, facts[field]])),
    ...(is_other_currency && { currency }),
  }
}
