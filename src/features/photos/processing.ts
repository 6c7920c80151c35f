// The job of pictures: makes the sizes of new ones, and deletes the files of those that were deleted or never completed.
import sql from 'sql-template-tag'
import { listAgencies } from '../../core/agency-list.ts'
import { jobOf } from '../../core/auth/actors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import type { Subscriber } from '../../core/events/subscriber.ts'
import type { Jobs } from '../../core/jobs/jobs.ts'
import type { MediaStore } from '../../core/media/media.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Encoded } from './encode.ts'
import { allKeys, originalKey, sizeKey } from './files.ts'
import { photoEntry } from './photos.ts'
import type { Photo, PhotoFailure } from './schema.ts'

interface Deps {
  readonly db: Database
  readonly media: MediaStore
}

interface Waiting {
  readonly agency_id: string
  readonly id: string
  readonly media_key: string
  /** Its files are not needed any more. */
  readonly is_gone: boolean
}

interface Processed {
  encoded: number
  deleted: number
}

const batch_size = 100

/**
 * Does what the pictures of one agency, or of all, are waiting for; one picture at a time. Stops between two when `signal` is
 * aborted. Returns how many were encoded and deleted. Throws MediaUnavailableError: the job runs again later.
 */
export async function processPhotos(deps: Deps, agency_id?: string, signal?: AbortSignal): Promise<Processed> {
  const agencies = agency_id === undefined ? (await listAgencies(deps.db)).map(({ id }) => id) : [agency_id]
  const done = { encoded: 0, deleted: 0 }
  for (const agency of agencies) await processAgency(deps, agency, done, signal)
  return done
}

async function processAgency(deps: Deps, agency_id: string, done: Processed, signal?: AbortSignal): Promise<void> {
  let waiting: Waiting[]
  do {
    waiting = await findWaiting(deps.db, agency_id)
    for (const photo of waiting) {
      signal?.throwIfAborted()
      await (photo.is_gone ? removePhoto(deps, photo) : makeSizes(deps, photo))
      done[photo.is_gone ? 'deleted' : 'encoded'] += 1
    }
  } while (waiting.length === batch_size)
}

/** An upload takes seconds. After an hour its client or this process has failed. */
const isAbandoned = sql`f.status = 'uploading' and f.created_at < now() - interval '1 hour'`

function findWaiting(db: Database, agency_id: string): Promise<Waiting[]> {
  return db.tenantTx(jobOf(agency_id), async (tx) => {
    await tx.query(sql`
      update property_photos f set deleted_at = now()
      where f.agency_id = ${tx.agency_id} and f.deleted_at is null and f.property_id = any (array(
        select p.id from properties p where p.agency_id = ${tx.agency_id} and p.deleted_at is not null))`)
    return tx.query<Waiting>(sql`
      select f.agency_id, f.id, f.media_key, f.status <> 'processing' or f.deleted_at is not null as is_gone from property_photos f
      where f.agency_id = ${tx.agency_id} and (f.deleted_at is not null or f.status = 'processing' or ${isAbandoned})
      order by f.created_at, f.id limit ${batch_size}`)
  })
}

async function removePhoto({ db, media }: Deps, photo: Waiting): Promise<void> {
  for (const key of allKeys(photo)) await media.remove(key)
  await db.tenantTx(jobOf(photo.agency_id), (tx) =>
    tx.query(sql`delete from property_photos f where f.agency_id = ${tx.agency_id} and f.id = ${photo.id}`),
  )
}

async function makeSizes({ db, media }: Deps, photo: Waiting): Promise<void> {
  const { encodePhoto } = await import('./encode.ts')
  const original = await media.get(originalKey(photo))
  const encoded = original === undefined ? 'UNREADABLE' : await encodePhoto(original)
  if (typeof encoded === 'object') {
    for (const [size, content] of encoded.files) await media.put(sizeKey(photo, size), content)
  }
  await db.tenantTx(jobOf(photo.agency_id), (tx) => finish(tx, photo.id, encoded))
  await media.remove(originalKey(photo))
}

/** Nothing, when another process was faster or the picture was deleted meanwhile. */
async function finish(tx: Tx, id: string, encoded: Encoded | PhotoFailure): Promise<void> {
  const is_failed = typeof encoded === 'string'
  const [failure, width, height] = is_failed ? [encoded, null, null] : [null, encoded.width, encoded.height]
  const status = is_failed ? 'failed' : 'ready'
  const photo = await tx.maybe<Pick<Photo, 'id' | 'version' | 'property_id'>>(sql`
    update property_photos f
    set status = ${status}, failure = ${failure}, width = ${width}::int, height = ${height}::int, version = f.version + 1
    where f.agency_id = ${tx.agency_id} and f.id = ${id} and f.status = 'processing' and f.deleted_at is null
    returning f.id, f.version, f.property_id`)
  if (photo !== undefined) recordAudit(tx, { ...photoEntry(`photo.${status}`, photo), after: { status, failure } })
}

/** Starts the job when a picture was added or deleted, or its property. */
export function createPhotoSubscriber(enqueue: Jobs['enqueue']): Subscriber {
  return {
    name: 'photos',
    types: ['photo.added', 'photo.deleted', 'property.deleted'],
    handle: (_db, agency_id) => enqueue('photos.process', { agency_id }),
  }
}
