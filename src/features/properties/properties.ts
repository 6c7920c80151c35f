// Properties: list, read, create and change, with their SQL.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import type { Actor } from '../../core/auth/actors.ts'
import { findScope } from '../../core/auth/permissions.ts'
import type { Cursors } from '../../core/cursors.ts'
import { invalid, PropertyNotFoundError } from '../../core/errors.ts'
import { pickChanges, recordAudit, recordAudits } from '../../core/events/audit.ts'
import { parseInstant } from '../../core/instants.ts'
import { limitByBytes, type Page, readPage } from '../../core/postgres/pages.ts'
import { type IndexedFilters, type ReadCost, readCost } from '../../core/postgres/read-cost.ts'
import { containsWords } from '../../core/postgres/search.ts'
import { all, assignments, columns, recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { requireTimeZone } from '../../core/time-zones.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import { amenities } from './amenities.ts'
import { requireKeepable, type StayRules } from './rule-set.ts'
import {
  defaults,
  type NewProperty,
  Property,
  PropertyPatch,
  type PropertyQuery,
  rules as stayRules,
} from './schema.ts'

const propertyColumns = columns(Object.keys(Property.properties), 'p.')

/** Properties p that the caller may read. An owner sees only own properties; row-level security has the same condition. */
export function readableProperties(tx: Tx): Sql {
  const own = findScope(tx.actor.role, 'properties:read') === 'own' ? sql`p.owner_id = ${tx.actor.id}` : undefined
  return all(sql`p.agency_id = ${tx.agency_id}`, sql`p.deleted_at is null`, own)
}

/** The text in which a search for properties p looks. */
export const nameAndCity = sql`app.search_text(p.name || coalesce(' ' || p.city, ''))`

/** properties_sort_idx. */
const indexed: IndexedFilters = { sets: [[]] }

/** An owner's properties are spread over the agency's, so an owner's list is always a scan. */
export function propertiesCost(actor: Actor, query: PropertyQuery): ReadCost {
  return findScope(actor.role, 'properties:read') === 'own' ? 'scan' : readCost(indexed, query)
}

/** Properties by name. */
export function listProperties(tx: Tx, cursors: Cursors, query: PropertyQuery): Promise<Page<Property>> {
  const { q, is_active, owner_id, updated_since } = query
  const filters = all(
    readableProperties(tx),
    is_active === undefined ? undefined : sql`p.is_active = ${is_active}`,
    owner_id === undefined ? undefined : sql`p.owner_id = ${owner_id}`,
    updated_since === undefined
      ? undefined
      : sql`p.updated_at >= ${parseInstant(updated_since, '/query/updated_since')}::timestamptz`,
    q === undefined ? undefined : containsWords(nameAndCity, q),
  )
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const after_cursor =
      after === undefined ? undefined : sql`(p.sort_name, p.id) > (app.sort_key(${after[0]}), ${after[1]}::uuid)`
    const select = sql`
      select ${propertyColumns} from properties p where ${all(filters, after_cursor)}
      order by p.sort_name, p.id limit ${limit}`
    return tx.query<Property>(limitByBytes(select, sql`2000 + coalesce(octet_length(r.description), 0)`))
  }
  return readPage(tx, cursors, 'properties', query, read, ({ name, id }) => [name, id])
}

async function findProperty(tx: Tx, id: string): Promise<Property | undefined> {
  return tx.maybe<Property>(
    sql`select ${propertyColumns} from properties p where ${readableProperties(tx)} and p.id = ${id}`,
  )
}

/** Properties by id; missing ones are left out. */
export async function findProperties(tx: Tx, ids: readonly string[]): Promise<Map<string, Property>> {
  const found = await tx.query<Property>(sql`
    select ${propertyColumns} from properties p where ${readableProperties(tx)} and p.id = any(${[...new Set(ids)]}::uuid[])`)
  return new Map(found.map((property) => [property.id, property]))
}

/** Throws PropertyNotFoundError. */
export async function getProperty(tx: Tx, id: string): Promise<Property> {
  const property = await findProperty(tx, id)
  if (property === undefined) throw new PropertyNotFoundError()
  return property
}

const insertedColumns = columns(['id', 'source', 'external_id', ...Object.keys(PropertyPatch.properties)])

/** Throws ValidationError when owner_id is not an active owner of the agency, or no stay can keep the booking rules. */
export async function createProperty(tx: Tx, input: NewProperty): Promise<Property> {
  await requireOwner(tx, input.owner_id)
  const currency = input.currency ?? (await agencyCurrency(tx))
  const [property] = await insertProperties(tx, [{ ...input, currency, source: 'manual', external_id: null }])
  return property as Property
}

/** A property created by an import: without an owner, with its currency and source. */
export interface Imported extends Omit<NewProperty, 'owner_id'> {
  readonly currency: string
  readonly source: string
  readonly external_id: string | null
}

/** Throws ValidationError when no stay can keep the booking rules of one, without its index. */
export async function createProperties(tx: Tx, inputs: readonly Imported[]): Promise<void> {
  if (inputs.length > 0) await insertProperties(tx, inputs)
}

async function insertProperties(tx: Tx, inputs: readonly (Imported & NewProperty)[]): Promise<Property[]> {
  for (const input of inputs) requireRules({ ...defaults, ...input }, input)
  const rows = inputs.map((input) => ({ ...defaults, ...input, ...storedForm(input), id: randomUUIDv7() }))
  const made = await tx.query<Property>(sql`
    insert into properties as p (agency_id, ${insertedColumns})
    select ${tx.agency_id}, ${insertedColumns} from ${recordset('properties', rows)} returning ${propertyColumns}`)
  recordAudits(
    tx,
    made.map((after) => ({ ...propertyEntry('property.created', after), after })),
  )
  return made
}

async function agencyCurrency(tx: Tx): Promise<string> {
  const row = await tx.one<{ currency: string }>(sql`select a.currency from agencies a where a.id = ${tx.agency_id}`)
  return row.currency
}

/** The time zone as the IANA database spells it, and the amenities in the order of their list. Throws ValidationError. */
function storedForm({ time_zone, amenities: given }: PropertyPatch): PropertyPatch {
  return {
    ...(typeof time_zone === 'string' && { time_zone: requireTimeZone(time_zone) }),
    ...(given !== undefined && { amenities: amenities.filter((name) => given.includes(name)) }),
  }
}

/** Throws ValidationError for the fields that were given. A change of other fields does not check the rules. */
function requireRules(rules: StayRules, given: PropertyPatch): void {
  if (!Object.keys(stayRules).some((name) => Object.hasOwn(given, name))) return
  requireNights(rules, given)
  requireKeepable(rules, given)
}

function requireNights({ min_nights, max_nights }: StayRules, given: PropertyPatch): void {
  if (min_nights <= max_nights) return
  if (given.min_nights !== undefined) {
    throw invalid('/min_nights', `must be at most max_nights, which is ${max_nights}`, 'ABOVE_MAX_NIGHTS')
  }
  throw invalid('/max_nights', `must be at least min_nights, which is ${min_nights}`, 'BELOW_MIN_NIGHTS')
}

/** Checks only a changed value: a former owner must not prevent other changes. */
async function requireOwner(tx: Tx, owner_id: string | null | undefined): Promise<void> {
  if (owner_id === undefined || owner_id === null) return
  const member = await tx.maybe(sql`
    select m.id from team_members m
    where m.agency_id = ${tx.agency_id} and m.user_id = ${owner_id} and m.role = 'owner' and m.is_active`)
  if (member === undefined) throw invalid('/owner_id', 'is not an active owner of this agency', 'NOT_AN_OWNER')
}

/** Throws PropertyNotFoundError, VersionMismatchError, ValidationError. */
export async function updateProperty(
  tx: Tx,
  id: string,
  patch: PropertyPatch,
  expected?: ExpectedVersions,
): Promise<Property> {
  const before = await lockProperty(tx, id)
  requireVersion(before.version, expected)
  if (patch.owner_id !== before.owner_id) await requireOwner(tx, patch.owner_id)
  requireRules({ ...before, ...patch }, patch)
  const property = await tx.one<Property>(sql`
    update properties p set ${assignments({ ...patch, ...storedForm(patch) })}, version = p.version + 1
    where p.agency_id = ${tx.agency_id} and p.id = ${id} returning ${propertyColumns}`)
  const entry = propertyEntry('property.updated', property)
  recordAudit(tx, { ...entry, ...pickChanges(before, withSameLists(before, property)) })
  return property
}

export function propertyEntry(action: string, { id, version }: Pick<Property, 'id' | 'version'>) {
  return { action, entity_type: 'property', entity_id: id, version, property_id: id }
}

/** The property, with the lists of `before` where their content is equal: audit entries compare by identity. */
function withSameLists(before: Property, property: Property): Property {
  const lists = ['arrival_weekdays', 'departure_weekdays', 'amenities'] as const
  const same = lists.filter((name) => before[name]?.join() === property[name]?.join())
  return { ...property, ...Object.fromEntries(same.map((name) => [name, before[name]])) }
}

/** Throws PropertyNotFoundError. */
export async function lockProperty(tx: Tx, id: string): Promise<Property> {
  const property = await tx.maybe<Property>(sql`
    select ${propertyColumns} from properties p where ${readableProperties(tx)} and p.id = ${id} for no key update of p`)
  if (property === undefined) throw new PropertyNotFoundError()
  return property
}
