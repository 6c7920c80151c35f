// Takes the file of a new picture into the media store.
import { readFile } from 'node:fs/promises'
import type { FastifyRequest } from 'fastify'
import { invalid } from '../../core/errors.ts'
import type { MediaStore } from '../../core/media/media.ts'
import type { Database } from '../../core/postgres/database.ts'
import { withUpload } from '../../http/upload.ts'
import { originalKey } from './files.ts'
import { completePhoto, reservePhoto } from './photos.ts'
import type { Photo, PhotoUpload } from './schema.ts'

type UploadRequest = FastifyRequest<{ Params: { id: string }; Querystring: PhotoUpload }>

/**
 * Stores the body and adds the picture to the property. The row comes first, so that a job finds the file of an upload that was
 * interrupted. Throws ValidationError, PropertyNotFoundError, MediaUnavailableError, and what withUpload throws.
 */
export function addPhoto({ db, media }: { db: Database; media: MediaStore }, request: UploadRequest): Promise<Photo> {
  const { actor, params, query } = request
  return withUpload(request, async (path) => {
    const content = await readFile(path)
    requirePicture(content)
    const { id, media_key } = await db.tenantTx(actor, (tx) => reservePhoto(tx, params.id, query.alt_text))
    await media.put(originalKey({ agency_id: actor.agency_id, media_key }), content)
    return db.tenantTx(actor, (tx) => completePhoto(tx, params.id, id))
  })
}

/** How the files of each format begin. ISO/IEC 15948 (PNG), 10918-1 (JPEG), 23000-22 (AVIF); RFC 9649 (WebP). */
const beginnings: readonly RegExp[] = [
  /^89504e470d0a1a0a/,
  /^ffd8ff/,
  /^.{8}66747970(?:61766966|61766973|6d696631)/,
  /^52494646.{8}57454250/,
]

/** Throws ValidationError. Whether the rest is a picture is known when it is read. */
function requirePicture(content: Buffer): void {
  const start = content.toString('hex', 0, 16)
  if (!beginnings.some((beginning) => beginning.test(start)))
    throw invalid('', 'must be a picture: JPEG, PNG, WebP or AVIF', 'NOT_A_PICTURE')
}
