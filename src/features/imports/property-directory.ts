// The properties of an agency by the titles that files use: name, alias or external id. Saves aliases.
import sql from 'sql-template-tag'
import { recordset } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { repairLine } from '../../core/text.ts'
import { localDay } from '../../core/time-zones.ts'
import { timeZone } from '../properties/local-day.ts'
import { titleKey } from './title.ts'

export interface DirectoryProperty {
  readonly id: string
  readonly name: string
  readonly external_id: string | null
  readonly currency: string
  readonly max_guests: number
  readonly is_active: boolean
  readonly base_price_cents: number | null
  /** The local day of the property, YYYY-MM-DD. */
  readonly today: string
}

/** The property, or why there is not exactly one. */
type LookupResult = { readonly property: DirectoryProperty } | { readonly problem: string }

export interface PropertyDirectory {
  /** The first title that names one property decides. */
  find(titles: readonly string[]): LookupResult
  byId(id: string): DirectoryProperty | undefined
  /** From now on the title names this property. */
  learn(title: string, property: DirectoryProperty): void
  /** The aliases that were learned, to be saved. */
  learned(): readonly Alias[]
}

interface Alias {
  /** As titleKey makes it. */
  readonly title: string
  readonly property_id: string
}

export async function loadDirectory(tx: Tx): Promise<PropertyDirectory> {
  const found = await tx.query<Omit<DirectoryProperty, 'today'> & { time_zone: string }>(sql`
    select p.id, p.name, p.external_id, p.currency, p.max_guests, p.is_active, p.base_price_cents, ${timeZone} as time_zone
    from properties p join agencies a on a.id = p.agency_id
    where p.agency_id = ${tx.agency_id} and a.id = ${tx.agency_id} and p.deleted_at is null order by p.id`)
  const aliases = await tx.query<Alias>(sql`
    select a.title, a.property_id from listing_aliases a where a.agency_id = ${tx.agency_id}`)
  const properties = found.map(({ time_zone, ...one }) => ({ ...one, today: localDay(tx.now(), time_zone) }))
  return createDirectory(properties, aliases)
}

function createDirectory(properties: readonly DirectoryProperty[], aliases: readonly Alias[]): PropertyDirectory {
  const by_id = new Map(properties.map((property) => [property.id, property]))
  const by_name = Map.groupBy(properties, ({ name }) => repairLine(name))
  const by_key = Map.groupBy(properties, ({ name }) => titleKey(name))
  const by_external_id = Map.groupBy(properties, ({ external_id }) => external_id)
  const by_alias = new Map(aliases.map(({ title, property_id }) => [title, property_id]))
  const learned: Alias[] = []

  /** The first rule with a match decides; several matches are a problem. */
  function findOne(title: string): LookupResult {
    const aliased = by_id.get(by_alias.get(titleKey(title)) ?? '')
    const rules = [
      by_name.get(repairLine(title)),
      by_key.get(titleKey(title)),
      by_external_id.get(title),
      aliased && [aliased],
    ]
    const matches = rules.find((found) => found !== undefined) ?? []
    const [property] = matches
    if (property === undefined) return { problem: properties.length === 0 ? no_properties : unknownTitle(title) }
    if (matches.length === 1) return { property }
    const names = matches.slice(0, 5).map(({ id, name, external_id }) => `"${name}" (${external_id ?? id})`)
    return { problem: `names ${matches.length} properties: ${names.join(', ')}. Rename all but one` }
  }

  return {
    find(titles) {
      const results = titles.filter((title) => title !== '').map(findOne)
      return results.find((result) => 'property' in result) ?? results[0] ?? { problem: 'is empty' }
    },
    byId: (id) => by_id.get(id),
    learn(title, property) {
      const key = titleKey(title)
      if (key === '' || key.length > 255 || by_key.has(key) || by_alias.get(key) === property.id) return
      by_alias.set(key, property.id)
      learned.push({ title: key, property_id: property.id })
    },
    learned: () => learned,
  }
}

const no_properties = 'the agency has no properties yet: create them first, for example with roost import listings'

const unknownTitle = (title: string) =>
  `no property has this name or external id. If it is another title of one of your properties, add --alias "${title}=name of the property"; the title is remembered`

export async function saveAliases(tx: Tx, aliases: readonly Alias[]): Promise<void> {
  if (aliases.length === 0) return
  const rows = [...new Map(aliases.map((alias) => [alias.title, alias])).values()]
  await tx.query(sql`
    insert into listing_aliases (agency_id, title, property_id)
    select ${tx.agency_id}, r.title, r.property_id from ${recordset('listing_aliases', rows)}
    on conflict (agency_id, title) do update set property_id = excluded.property_id`)
}
