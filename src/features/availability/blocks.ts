// Blocked nights: list, read, create, update, delete. Each change includes the occupancy.
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import type { Actor } from '../../core/auth/actors.ts'
import { findScope } from '../../core/auth/permissions.ts'
import type { Cursors } from '../../core/cursors.ts'
import { BlockNotFoundError, BookingConflictError } from '../../core/errors.ts'
import { pickChanges, recordAudit } from '../../core/events/audit.ts'
import { withholdAnswers } from '../../core/idempotency.ts'
import { type Page, readPage } from '../../core/postgres/pages.ts'
import { type IndexedFilters, type ReadCost, readCost } from '../../core/postgres/read-cost.ts'
import { all, assignments, columns } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import type { Stay } from './context.ts'
import { parseInterval, requireSpan } from './days.ts'
import { deleteOccupancy, insertOccupancy, moveOccupancy } from './occupancies.ts'
import { reserve } from './reserve.ts'
import { Block, type BlockPatch, type BlockQuery, type Blocks, type NewBlock, type NewBlocks } from './schema.ts'

const blockColumns = columns(Object.keys(Block.properties), 'k.')

/** Blocks k of existing properties p; for owners, of own properties. Row-level security applies the same filter. */
function visible(tx: Tx): Sql {
  const own = findScope(tx.actor.role, 'availability:read') === 'own' ? sql`p.owner_id = ${tx.actor.id}` : undefined
  return all(sql`k.agency_id = ${tx.agency_id}`, sql`p.agency_id = ${tx.agency_id}`, sql`p.deleted_at is null`, own)
}

const from = sql`blocks k join properties p on p.agency_id = k.agency_id and p.id = k.property_id`

/** blocks_property_idx. No index excludes the blocks of deleted properties, so a list of all properties is a scan. */
const indexedFilters: IndexedFilters = { sets: [['property_id']] }

export function blocksCost(actor: Actor, query: BlockQuery): ReadCost {
  return findScope(actor.role, 'availability:read') === 'own' ? 'scan' : readCost(indexedFilters, query)
}

/** Blocks, by first night. Throws ValidationError, CursorInvalidError. */
export function listBlocks(tx: Tx, cursors: Cursors, query: BlockQuery): Promise<Page<Block>> {
  const { property_id, overlaps, reason } = query
  const filters = all(
    visible(tx),
    property_id === undefined ? undefined : sql`k.property_id = ${property_id}`,
    reason === undefined ? undefined : sql`k.reason = ${reason}`,
    overlaps === undefined ? undefined : overlapping(overlaps),
  )
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const after_cursor =
      after === undefined ? undefined : sql`(k.start_date, k.id) > (${after[0]}::date, ${after[1]}::uuid)`
    return tx.query<Block>(sql`
      select ${blockColumns} from ${from} where ${all(filters, after_cursor)} order by k.start_date, k.id limit ${limit}`)
  }
  return readPage(tx, cursors, 'blocks', query, read, ({ start_date, id }) => [start_date, id])
}

function overlapping(interval: string): Sql {
  const [first, end] = parseInterval(interval, '/query/overlaps')
  return sql`k.start_date < ${end} and k.end_date > ${first}`
}

/** Throws BlockNotFoundError. */
export async function getBlock(tx: Tx, id: string): Promise<Block> {
  return requireFound(
    await tx.maybe<Block>(sql`select ${blockColumns} from ${from} where ${visible(tx)} and k.id = ${id}`),
  )
}

async function lockBlock(tx: Tx, id: string, expected: ExpectedVersions): Promise<Block> {
  const block = requireFound(
    await tx.maybe<Block>(sql`
      select ${blockColumns} from ${from} where ${visible(tx)} and k.id = ${id} for update of k`),
  )
  requireVersion(block.version, expected)
  return block
}

function requireFound(block: Block | undefined): Block {
  if (block === undefined) throw new BlockNotFoundError()
  return block
}

/** Blocks may lie in the past. Throws ValidationError. */
function requireDates({ start_date, end_date }: { readonly start_date: string; readonly end_date: string }): void {
  requireSpan({ from: start_date, to: end_date, pointers: ['/start_date', '/end_date'], max_nights: 1500 })
}

function stayOf({ property_id, start_date, end_date }: Pick<Block, 'property_id' | 'start_date' | 'end_date'>): Stay {
  return { property_id, check_in: start_date, check_out: end_date }
}

/** Takes the nights. Throws BookingConflictError, PropertyNotFoundError, ValidationError. */
export async function createBlock(tx: Tx, input: NewBlock): Promise<Block> {
  requireDates(input)
  const id = randomUUIDv7()
  await reserve(tx, stayOf(input))
  const block = await tx.one<Block>(sql`
    insert into blocks as k (agency_id, id, property_id, start_date, end_date, reason, notes, created_by)
    values (${tx.agency_id}, ${id}, ${input.property_id}, ${input.start_date}, ${input.end_date}, ${input.reason},
      ${input.notes ?? null}, ${tx.actor.id})
    returning ${blockColumns}`)
  await insertOccupancy(tx, { kind: 'block', id }, stayOf(input))
  recordAudit(tx, { ...blockEntry('block.created', block), after: block })
  return block
}

/**
 * Takes the same nights of several properties, or of none of them. In the order of their ids, so that two such requests do not wait for
 * each other. Throws what createBlock throws; a refusal names the property in `meta.property_id`.
 */
export async function createBlocks(tx: Tx, { property_ids, ...block }: NewBlocks): Promise<Blocks> {
  requireDates(block)
  const made = new Map<string, Block>()
  for (const property_id of property_ids.toSorted()) {
    try {
      made.set(property_id, await createBlock(tx, { ...block, property_id }))
    } catch (error) {
      throw error instanceof BookingConflictError ? nameProperty(error, property_id) : error
    }
  }
  return { items: property_ids.flatMap((id) => made.get(id) ?? []) }
}

function nameProperty({ message, meta }: BookingConflictError, property_id: string): BookingConflictError {
  return new BookingConflictError({ message, meta: { ...meta, property_id } })
}

/** Throws BlockNotFoundError, VersionMismatchError, BookingConflictError, PropertyNotFoundError, ValidationError. */
export async function updateBlock(tx: Tx, id: string, patch: BlockPatch, expected?: ExpectedVersions): Promise<Block> {
  const before = await lockBlock(tx, id, expected)
  const wanted = { ...before, ...patch }
  if (wanted.start_date !== before.start_date || wanted.end_date !== before.end_date) {
    requireDates(wanted)
    await reserve(tx, stayOf(wanted), { except: before.id })
    await moveOccupancy(tx, before.id, stayOf(wanted))
  }
  const block = await tx.one<Block>(sql`
    update blocks k set ${assignments(patch)}, version = k.version + 1
    where k.agency_id = ${tx.agency_id} and k.id = ${id} returning ${blockColumns}`)
  if (before.notes !== null && block.notes !== before.notes) await withholdAnswers(tx, [before.id])
  recordAudit(tx, { ...blockEntry('block.updated', block), ...pickChanges(before, block) })
  return block
}

/** Frees the nights at once. Throws BlockNotFoundError, VersionMismatchError. */
export async function deleteBlock(tx: Tx, id: string, expected?: ExpectedVersions): Promise<void> {
  const before = await lockBlock(tx, id, expected)
  await deleteOccupancy(tx, before.id)
  await tx.query(sql`delete from blocks k where k.agency_id = ${tx.agency_id} and k.id = ${id}`)
  if (before.notes !== null) await withholdAnswers(tx, [before.id])
  recordAudit(tx, { ...blockEntry('block.deleted', { ...before, version: before.version + 1 }), before })
}

function blockEntry(action: string, { id, version, property_id }: Block) {
  return { action, entity_type: 'block', entity_id: id, version, property_id }
}
