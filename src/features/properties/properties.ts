// The homes: list, read, create, change, delete, with their SQL.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import { type Actor, scopeOf } from '../../core/auth/permissions.ts'
import type { Cursors } from '../../core/cursors.ts'
import { invalid, PropertyNotFoundError } from '../../core/errors.ts'
import { changes, recordAudit, recordAudits } from '../../core/events/audit.ts'
import { type Page, readPage, withinBytes } from '../../core/postgres/pages.ts'
import { type ReadCost, readCost, type ServedFilters } from '../../core/postgres/read-cost.ts'
import { all, assignments, columns, containing, recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type Expected, requireVersion } from '../../core/versions.ts'
import { type NewProperty, Property, PropertyPatch, type PropertyQuery } from './schema.ts'

const propertyColumns = columns(Object.keys(Property.properties), 'p.')

/** An owner sees only own properties: said here as well as in row-level security. */
function visible(tx: Tx): Sql {
  const own = scopeOf(tx.actor.role, 'properties:read') === 'own' ? sql`p.owner_id = ${tx.actor.user_id}` : undefined
  return all(sql`p.agency_id = ${tx.agency_id}`, sql`p.deleted_at is null`, own)
}

/** properties_name_idx. */
const served: ServedFilters = { sets: [[]] }

/** An owner's properties are spread over the agency's, so an owner's list is always a scan. */
export function propertiesCost(actor: Actor, query: PropertyQuery): ReadCost {
  return scopeOf(actor.role, 'properties:read') === 'own' ? 'scan' : readCost(served, query)
}

/** Properties by name. */
export function listProperties(tx: Tx, cursors: Cursors, query: PropertyQuery): Promise<Page<Property>> {
  const { q, is_active, owner_id, updated_since } = query
  const filters = all(
    visible(tx),
    is_active === undefined ? undefined : sql`p.is_active = ${is_active}`,
    owner_id === undefined ? undefined : sql`p.owner_id = ${owner_id}`,
    updated_since === undefined ? undefined : sql`p.updated_at >= ${instant(updated_since)}`,
    q === undefined ? undefined : sql`(p.name ilike ${containing(q)} or p.city ilike ${containing(q)})`,
  )
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const behind = after === undefined ? undefined : sql`(p.name, p.id) > (${after[0]}, ${after[1]}::uuid)`
    const select = sql`
      select ${propertyColumns} from properties p where ${all(filters, behind)} order by p.name, p.id limit ${limit}`
    return tx.query<Property>(withinBytes(select, sql`2000 + coalesce(octet_length(r.description), 0)`))
  }
  return readPage(tx, cursors, 'properties', query, read, ({ name, id }) => [name, id])
}

/** As PostgreSQL reads it, whatever offset it was written with; to the millisecond, rounded down. */
function instant(text: string): string {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw invalid('/query/updated_since', 'must be a time that exists')
  return new Date(time).toISOString()
}

export async function findProperty(tx: Tx, id: string): Promise<Property | undefined> {
  return tx.maybe<Property>(sql`select ${propertyColumns} from properties p where ${visible(tx)} and p.id = ${id}`)
}

/** By id; those that are not there are left out. */
export async function findProperties(tx: Tx, ids: readonly string[]): Promise<Map<string, Property>> {
  const found = await tx.query<Property>(sql`
    select ${propertyColumns} from properties p where ${visible(tx)} and p.id = any(${[...new Set(ids)]}::uuid[])`)
  return new Map(found.map((property) => [property.id, property]))
}

/** Throws PropertyNotFoundError. */
export async function getProperty(tx: Tx, id: string): Promise<Property> {
  const property = await findProperty(tx, id)
  if (property === undefined) throw new PropertyNotFoundError()
  return property
}

const defaults = {
  check_in_time: '15:00',
  check_out_time: '10:00',
  cleaning_fee_cents: 0,
  is_active: true,
  min_nights: 1,
  max_nights: 365,
  buffer_days_before: 0,
  buffer_days_after: 0,
  notice_days: 0,
}
const insertedColumns = columns(['id', 'source', 'external_id', ...Object.keys(PropertyPatch.properties)])

/** Throws ValidationError when owner_id is not an active owner of the agency, or min_nights exceeds max_nights. */
export async function createProperty(tx: Tx, input: NewProperty): Promise<Property> {
  await requireOwner(tx, input.owner_id)
  const currency = input.currency ?? (await agencyCurrency(tx))
  const [property] = await insertProperties(tx, [{ ...input, currency, source: 'manual', external_id: null }])
  return property as Property
}

/** A property as an import creates it: nobody's yet, with its currency and where it came from. */
export interface Imported extends Omit<NewProperty, 'owner_id'> {
  readonly currency: string
  readonly source: string
  readonly external_id: string | null
}

/** Throws ValidationError when min_nights exceeds max_nights, without saying in which of them. */
export async function createProperties(tx: Tx, inputs: readonly Imported[]): Promise<void> {
  if (inputs.length > 0) await insertProperties(tx, inputs)
}

async function insertProperties(tx: Tx, inputs: readonly (Imported & NewProperty)[]): Promise<Property[]> {
  for (const input of inputs) requireNights({ ...defaults, ...input }, input)
  const rows = inputs.map((input) => ({ ...defaults, ...input, id: randomUUIDv7() }))
  const made = await tx.query<Property>(sql`
    insert into properties as p (agency_id, ${insertedColumns})
    select ${tx.agency_id}, ${insertedColumns} from ${recordset('properties', rows)} returning ${propertyColumns}`)
  const created = { action: 'property.created', entity_type: 'property' }
  recordAudits(
    tx,
    made.map((after) => ({ ...created, entity_id: after.id, after })),
  )
  return made
}

async function agencyCurrency(tx: Tx): Promise<string> {
  const row = await tx.one<{ currency: string }>(sql`select a.currency from agencies a where a.id = ${tx.agency_id}`)
  return row.currency
}

/** Throws ValidationError about the field that was given. */
function requireNights(
  { min_nights, max_nights }: { min_nights: number; max_nights: number },
  given: PropertyPatch,
): void {
  if (min_nights <= max_nights) return
  if (given.min_nights !== undefined) {
    throw invalid('/min_nights', `must be at most max_nights, which is ${max_nights}`, 'ABOVE_MAX_NIGHTS')
  }
  throw invalid('/max_nights', `must be at least min_nights, which is ${min_nights}`, 'BELOW_MIN_NIGHTS')
}

/** Only a value that changes is checked: an owner who has left must not block every other edit. */
async function requireOwner(tx: Tx, owner_id: string | null | undefined): Promise<void> {
  if (owner_id === undefined || owner_id === null) return
  const member = await tx.maybe(sql`
    select m.id from team_members m
    where m.agency_id = ${tx.agency_id} and m.user_id = ${owner_id} and m.role = 'owner' and m.is_active`)
  if (member === undefined) throw invalid('/owner_id', 'is not an active owner of this agency', 'NOT_AN_OWNER')
}

/** Throws PropertyNotFoundError, VersionMismatchError, ValidationError. */
export async function updateProperty(tx: Tx, id: string, patch: PropertyPatch, expected?: Expected): Promise<Property> {
  const before = await lockedProperty(tx, id)
  requireVersion(before.version, expected)
  if (patch.owner_id !== before.owner_id) await requireOwner(tx, patch.owner_id)
  requireNights({ ...before, ...patch }, patch)
  const property = await tx.one<Property>(sql`
    update properties p set ${assignments(patch)}, version = p.version + 1
    where p.agency_id = ${tx.agency_id} and p.id = ${id} returning ${propertyColumns}`)
  const entry = { action: 'property.updated', entity_type: 'property', entity_id: id }
  recordAudit(tx, { ...entry, ...changes(before, withSameLists(before, property)) })
  return property
}

/** The property, its lists those of `before` where they say the same: two lists are never the same value. */
function withSameLists(before: Property, property: Property): Property {
  const same = (name: 'arrival_weekdays' | 'departure_weekdays') =>
    before[name]?.join() === property[name]?.join() ? before[name] : property[name]
  const [arrival_weekdays, departure_weekdays] = [same('arrival_weekdays'), same('departure_weekdays')]
  return { ...property, arrival_weekdays, departure_weekdays }
}

/** Throws PropertyNotFoundError. */
export async function lockedProperty(tx: Tx, id: string): Promise<Property> {
  const property = await tx.maybe<Property>(sql`
    select ${propertyColumns} from properties p where ${visible(tx)} and p.id = ${id} for no key update of p`)
  if (property === undefined) throw new PropertyNotFoundError()
  return property
}

/** One change of a property's nights at a time, until the transaction ends. Waits; see lock_timeout. */
export async function lockNights(tx: Tx, property_id: string): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(${lockOf(tx, property_id)}, 0))`)
}

/** The same for many properties, always in one order, so that no two who take many wait for each other. */
export async function lockAllNights(tx: Tx, property_ids: readonly string[]): Promise<void> {
  const locks = [...new Set(property_ids.map((id) => lockOf(tx, id)))].sort()
  await tx.query(sql`
    select pg_advisory_xact_lock(hashtextextended(l.name, 0)) from unnest(${locks}::text[]) as l(name)`)
}

/** The same without waiting: whether nobody else has it. */
export async function tryLockNights(tx: Tx, property_id: string): Promise<boolean> {
  const { is_mine } = await tx.one<{ is_mine: boolean }>(sql`
    select pg_try_advisory_xact_lock(hashtextextended(${lockOf(tx, property_id)}, 0)) as is_mine`)
  return is_mine
}

/** A client may write the id in capitals: the same property must be the same lock. */
function lockOf(tx: Tx, property_id: string): string {
  return `${tx.agency_id}/${property_id.toLowerCase()}`
}
