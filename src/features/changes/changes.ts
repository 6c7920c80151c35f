// Reads sealed events of an agency after a position, as far as the caller may see them.
import sql, { empty, type Sql } from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Change, ChangePage, ChangeQuery } from './schema.ts'
import { listVisibleEntities, seesOwnOnly } from './visibility.ts'

export interface ChangesRead {
  readonly items: Change[]
  /** Every change up to this id is in `items` or in earlier ones, or not for the caller. */
  readonly position: number
  readonly has_more: boolean
}

/** How many changes of the agency one page looks at, so that a page is cheap for a caller who may see few of them. */
const max_scanned = 5000

/** The id of the last change, of any type. */
export async function lastChange(tx: Tx): Promise<number> {
  const { last } = await tx.one<{ last: number }>(sql`select app.last_event() as last`)
  return last
}

export async function readChanges(tx: Tx, after: number, limit: number): Promise<ChangesRead> {
  const entities = listVisibleEntities(tx.actor)
  const isVisible = entities === undefined ? empty : sql`and s.entity_type = any (${entities})`
  const last = lastChange(tx)
  const rows = tx.query<Change>(sql`
    select s.seq as id, s.type, s.entity_type, s.entity_id, s.version, ${propertyColumns(tx)}
    from audit_seals s
    where s.agency_id = ${tx.agency_id} and s.seq > ${after} and s.seq <= ${after + max_scanned} and s.type is not null ${isVisible}
    order by s.seq limit ${limit}`)
  // The first statement runs first: what the second one leaves out is not up to `last`.
  const [head, items] = await Promise.all([last, rows])
  const is_full = items.length === limit
  const position = is_full ? (items.at(-1)?.id ?? after) : Math.max(after, Math.min(after + max_scanned, head))
  return { items, position, has_more: position < head }
}

/** An owner gets no id of a property of another owner, from which or to which a booking was moved. */
function propertyColumns(tx: Tx): Sql {
  if (!seesOwnOnly(tx.actor)) return sql`s.property_id, s.former_property_id`
  return sql`case when s.property_id = any ((select app.own_properties())::uuid[]) then s.property_id end as property_id,
    case when s.former_property_id = any ((select app.own_properties())::uuid[]) then s.former_property_id end as former_property_id`
}

/** One page. `next_cursor` is null when there is nothing after it yet. */
export async function listChanges(tx: Tx, { after = 0, limit }: ChangeQuery): Promise<ChangePage> {
  const { items, position, has_more } = await readChanges(tx, after, limit)
  return { items, next_cursor: has_more ? String(position) : null }
}
