// Pictures of properties: list, read, add, change, delete. Their files are made and deleted by a job (processing.ts).
import { randomUUIDv7 } from 'node:crypto'
import sql, { type Sql } from 'sql-template-tag'
import type { Actor } from '../../core/auth/actors.ts'
import { findScope } from '../../core/auth/permissions.ts'
import type { Cursors } from '../../core/cursors.ts'
import { invalid, PhotoNotFoundError } from '../../core/errors.ts'
import { pickChanges, recordAudit } from '../../core/events/audit.ts'
import { type Page, readPage } from '../../core/postgres/pages.ts'
import { type IndexedFilters, type ReadCost, readCost } from '../../core/postgres/read-cost.ts'
import { all, assignments } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import { lockProperty } from '../properties/properties.ts'
import { imagesOf, newMediaKey } from './files.ts'
import { max_photos, type Photo, type PhotoPatch, type PhotoQuery } from './schema.ts'

interface Row extends Omit<Photo, 'images'> {
  readonly media_key: string
  readonly width: number | null
  readonly height: number | null
}

const rowColumns = sql`f.id, f.property_id, f.position, f.alt_text, f.status, f.failure, f.media_key, f.width, f.height, f.version,
  f.created_at, f.updated_at`
const from = sql`property_photos f join properties p on p.agency_id = f.agency_id and p.id = f.property_id`

/** Pictures f of existing properties p; for owners, of own properties. Row-level security applies the same filter. */
function visible(tx: Tx): Sql {
  const own = findScope(tx.actor.role, 'properties:read') === 'own' ? sql`p.owner_id = ${tx.actor.id}` : undefined
  const mine = sql`f.agency_id = ${tx.agency_id} and p.agency_id = ${tx.agency_id}`
  return all(mine, sql`p.deleted_at is null`, sql`f.deleted_at is null`, sql`f.status <> 'uploading'`, own)
}

/** property_photos_list_idx. */
const indexed: IndexedFilters = { sets: [['property_id']] }

export function photosCost(actor: Actor, query: PhotoQuery): ReadCost {
  return findScope(actor.role, 'properties:read') === 'own' ? 'scan' : readCost(indexed, query)
}

function toPhoto({ agency_id }: Tx, { media_key, width, height, ...row }: Row): Photo {
  const is_ready = row.status === 'ready' && width !== null && height !== null
  return { ...row, images: is_ready ? imagesOf({ agency_id, media_key }, { width, height }) : [] }
}

/** Pictures by property and position. Throws ValidationError, CursorInvalidError. */
export async function listPhotos(tx: Tx, cursors: Cursors, query: PhotoQuery): Promise<Page<Photo>> {
  const { property_id, is_cover } = query
  const filters = all(
    visible(tx),
    property_id === undefined ? undefined : sql`f.property_id = ${property_id}`,
    is_cover === undefined ? undefined : sql`(f.position = 1) = ${is_cover}`,
  )
  const read = (after: readonly string[] | undefined, limit: Sql) => {
    const after_cursor =
      after && sql`(f.property_id, f.position, f.id) > (${after[0]}::uuid, ${after[1]}::int, ${after[2]}::uuid)`
    return tx.query<Row>(sql`
      select ${rowColumns} from ${from} where ${all(filters, after_cursor)}
      order by f.property_id, f.position, f.id limit ${limit}`)
  }
  const { items, next_cursor } = await readPage(tx, cursors, 'photos', query, read, (row) => {
    return [row.property_id, String(row.position), row.id]
  })
  return { items: items.map((row) => toPhoto(tx, row)), next_cursor }
}

/** Throws PhotoNotFoundError. */
export async function getPhoto(tx: Tx, id: string): Promise<Photo> {
  return toPhoto(tx, await findRow(tx, id))
}

async function findRow(tx: Tx, id: string): Promise<Row> {
  const row = await tx.maybe<Row>(sql`select ${rowColumns} from ${from} where ${visible(tx)} and f.id = ${id}`)
  if (row === undefined) throw new PhotoNotFoundError()
  return row
}

/** The row, with the lock of its property, which orders all changes of its pictures. Throws PhotoNotFoundError, VersionMismatchError. */
async function lockRow(tx: Tx, id: string, expected: ExpectedVersions): Promise<Row> {
  await lockProperty(tx, (await findRow(tx, id)).property_id)
  const row = await findRow(tx, id)
  requireVersion(row.version, expected)
  return row
}

export interface Reserved {
  readonly id: string
  readonly media_key: string
}

/** The place of a picture whose file is stored next. Throws PropertyNotFoundError, and ValidationError at the limit. */
export async function reservePhoto(tx: Tx, property_id: string, alt_text: string | undefined): Promise<Reserved> {
  await lockProperty(tx, property_id)
  const { count } = await tx.one<{ count: number }>(sql`
    select count(*)::int as count from property_photos f
    where f.agency_id = ${tx.agency_id} and f.property_id = ${property_id} and f.deleted_at is null`)
  if (count >= max_photos)
    throw invalid(
      '',
      `the property has ${max_photos} pictures, which is the limit: delete one first`,
      'TOO_MANY_PHOTOS',
    )
  const reserved = { id: randomUUIDv7(), media_key: newMediaKey() }
  await tx.query(sql`
    insert into property_photos (agency_id, id, property_id, position, alt_text, status, media_key)
    values (${tx.agency_id}, ${reserved.id}, ${property_id}, 0, ${alt_text ?? null}, 'uploading', ${reserved.media_key})`)
  return reserved
}

/** Its file is stored: the picture becomes the last one of its property. Throws PhotoNotFoundError when it was deleted meanwhile. */
export async function completePhoto(tx: Tx, property_id: string, id: string): Promise<Photo> {
  await lockProperty(tx, property_id)
  const updated = await tx.maybe(sql`
    update property_photos f set status = 'processing', position = (
      select count(*)::int + 1 from property_photos o
      where o.agency_id = ${tx.agency_id} and o.property_id = ${property_id} and o.deleted_at is null and o.status <> 'uploading')
    where f.agency_id = ${tx.agency_id} and f.id = ${id} and f.status = 'uploading' and f.deleted_at is null returning f.id`)
  if (updated === undefined) throw new PhotoNotFoundError()
  const photo = await getPhoto(tx, id)
  recordAudit(tx, { ...photoEntry('photo.added', photo), after: loggedFields(photo) })
  return photo
}

/** Throws PhotoNotFoundError, VersionMismatchError. A position after the last is the last. */
export async function updatePhoto(tx: Tx, id: string, patch: PhotoPatch, expected?: ExpectedVersions): Promise<Photo> {
  const before = await lockRow(tx, id, expected)
  const { position = before.position, ...fields } = patch
  if (position !== before.position) await placePhoto(tx, before, position)
  await tx.query(sql`
    update property_photos f set ${assignments({ alt_text: before.alt_text, ...fields })}, version = f.version + 1
    where f.agency_id = ${tx.agency_id} and f.id = ${id}`)
  const photo = await getPhoto(tx, id)
  recordAudit(tx, { ...photoEntry('photo.updated', photo), ...pickChanges(loggedFields(before), loggedFields(photo)) })
  return photo
}

/** Throws PhotoNotFoundError, VersionMismatchError. Its files are deleted within seconds. */
export async function deletePhoto(tx: Tx, id: string, expected?: ExpectedVersions): Promise<void> {
  const before = await lockRow(tx, id, expected)
  const version = before.version + 1
  await tx.query(sql`
    update property_photos f set deleted_at = now(), version = ${version}
    where f.agency_id = ${tx.agency_id} and f.id = ${id}`)
  await numberPhotos(tx, before.property_id, sql`o.position, o.id`)
  recordAudit(tx, { ...photoEntry('photo.deleted', { ...before, version }), before: loggedFields(before) })
}

/** Between its new neighbours: before the picture that has the position now when it moves up, after it when it moves down. */
function placePhoto(tx: Tx, { id, property_id, position: before }: Row, position: number): Promise<unknown> {
  const target = position < before ? position - 0.5 : position + 0.5
  return numberPhotos(tx, property_id, sql`case when o.id = ${id} then ${target}::numeric else o.position end, o.id`)
}

/** Numbers the pictures of a property from 1 in this order, without gaps. */
function numberPhotos(tx: Tx, property_id: string, order: Sql): Promise<unknown> {
  return tx.query(sql`
    update property_photos f set position = n.position
    from (
      select o.id, (row_number() over (order by ${order}))::int as position from property_photos o
      where o.agency_id = ${tx.agency_id} and o.property_id = ${property_id} and o.deleted_at is null and o.status <> 'uploading') n
    where f.agency_id = ${tx.agency_id} and f.id = n.id and f.position <> n.position`)
}

const loggedFields = ({ position, alt_text }: Pick<Photo, 'position' | 'alt_text'>) => ({ position, alt_text })

export function photoEntry(
  action: string,
  { id, version, property_id }: Pick<Photo, 'id' | 'version' | 'property_id'>,
) {
  return { action, entity_type: 'photo', entity_id: id, version, property_id }
}
