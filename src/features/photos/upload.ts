// Takes the file of a new picture into the media store.
import { open, readFile } from 'node:fs/promises'
import type { FastifyRequest } from 'fastify'
import { invalid } from '../../core/errors.ts'
import { createLimiter } from '../../core/limiter.ts'
import type { MediaStore } from '../../core/media/media.ts'
import type { Database } from '../../core/postgres/database.ts'
import { OverloadedError } from '../../core/server-errors.ts'
import { withUpload } from '../../http/upload.ts'
import { originalKey } from './files.ts'
import { completePhoto, reservePhoto } from './photos.ts'
import type { Photo, PhotoUpload } from './schema.ts'

type UploadRequest = FastifyRequest<{ Params: { id: string }; Querystring: PhotoUpload }>

/** Two files of an agency are in memory at once, each of up to 8 MB. The others wait as files. */
const storing = createLimiter({
  concurrency: 2,
  maxWaiting: 50,
  maxWait_ms: 30_000,
  refuse: () => new OverloadedError({ message: 'Too many pictures are being stored.' }),
})

/**
 * Stores the body and adds the picture to the property. The row comes first, so that a job finds the file of an upload that was
 * interrupted. Throws ValidationError, PropertyNotFoundError, MediaUnavailableError, and what withUpload throws.
 */
export function addPhoto({ db, media }: { db: Database; media: MediaStore }, request: UploadRequest): Promise<Photo> {
  const { actor, params, query } = request
  return withUpload(request, async (path) => {
    await requirePicture(path)
    const { id, media_key } = await db.tenantTx(actor, (tx) => reservePhoto(tx, params.id, query.alt_text))
    await storing.run(actor.agency_id, { signal: actor.request?.signal }, async () =>
      media.put(originalKey({ agency_id: actor.agency_id, media_key }), await readFile(path)),
    )
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
async function requirePicture(path: string): Promise<void> {
  const file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(16)).finally(() => file.close())
  const start = buffer.toString('hex', 0, bytesRead)
  if (!beginnings.some((beginning) => beginning.test(start)))
    throw invalid('', 'must be a picture: JPEG, PNG, WebP or AVIF', 'NOT_A_PICTURE')
}
