// Routes of /api/v1/photos and /api/v1/properties/{id}/photos.
import {
  CursorInvalidError,
  PhotoNotFoundError,
  PropertyNotFoundError,
  VersionMismatchError,
} from '../../core/errors.ts'
import { MediaUnavailableError } from '../../core/server-errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { etagOf, ifMatchVersions } from '../../http/etag.ts'
import { plainRoute, readRoute, writeRoute } from '../../http/route.ts'
import { IdPath } from '../../http/schema.ts'
import { deletePhoto, getPhoto, listPhotos, photosCost, updatePhoto } from './photos.ts'
import { max_photos, Photo, PhotoPage, PhotoPatch, PhotoQuery, PhotoUpload } from './schema.ts'
import { addPhoto } from './upload.ts'

const tags = ['photos']

export function photoRoutes(app: Api, deps: ApiDeps): void {
  readRoutes(app, deps)
  uploadRoute(app, deps)
  writeRoutes(app, deps)
}

function readRoutes(app: Api, { db, cursors }: ApiDeps): void {
  readRoute(app, db, '/photos', {
    can: 'properties:read',
    errors: [CursorInvalidError],
    tags,
    operationId: 'listPhotos',
    summary: 'List pictures by property and position',
    description: 'Owners see the pictures of their own properties only.',
    querystring: PhotoQuery,
    response: PhotoPage,
    cost: (req) => photosCost(req.actor, req.query),
    work: (tx, req) => listPhotos(tx, cursors, req.query),
  })

  readRoute(app, db, '/photos/:id', {
    can: 'properties:read',
    errors: [PhotoNotFoundError],
    tags,
    operationId: 'getPhoto',
    summary: 'Read a picture',
    description: 'The sizes of the picture, once they are made.',
    params: IdPath,
    response: Photo,
    work: (tx, req) => getPhoto(tx, req.params.id),
  })
}

function uploadRoute(app: Api, deps: ApiDeps): void {
  plainRoute(app, 'POST', '/properties/:id/photos', {
    can: 'properties:update',
    upload: { advice: 'Save the picture with fewer pixels or a lower quality.', example: 'picture.jpg' },
    errors: [PropertyNotFoundError, MediaUnavailableError],
    tags,
    operationId: 'addPhoto',
    summary: 'Add a picture to a property',
    description: `The body is the file: JPEG, PNG, WebP or AVIF. The picture becomes the last one of the property, which can have ${max_photos}. Its sizes are made within seconds, without the data about place and camera; until then its status is processing.`,
    params: IdPath,
    querystring: PhotoUpload,
    responses: { 201: Photo },
    work: async (req, reply) => {
      const photo = await addPhoto(deps, req)
      const body = reply.code(201).serialize(photo) as string
      const headers = { location: `/api/v1/photos/${photo.id}`, etag: etagOf(photo, body) }
      return reply.headers(headers).type('application/json; charset=utf-8').send(body)
    },
  })
}

function writeRoutes(app: Api, { db }: ApiDeps): void {
  writeRoute(app, db, 'PATCH', '/photos/:id', {
    can: 'properties:update',
    errors: [PhotoNotFoundError, VersionMismatchError],
    tags,
    operationId: 'updatePhoto',
    summary: 'Change a picture',
    description:
      'With a position the picture moves there, and the others make room. A position after the last is the last.',
    params: IdPath,
    body: PhotoPatch,
    response: Photo,
    work: (tx, req) => updatePhoto(tx, req.params.id, req.body, ifMatchVersions(req)),
  })

  writeRoute(app, db, 'DELETE', '/photos/:id', {
    can: 'properties:update',
    errors: [PhotoNotFoundError, VersionMismatchError],
    tags,
    operationId: 'deletePhoto',
    summary: 'Delete a picture',
    description: 'Its files are deleted within seconds.',
    params: IdPath,
    work: (tx, req) => deletePhoto(tx, req.params.id, ifMatchVersions(req)),
  })
}
