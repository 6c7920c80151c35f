// What the feature photos declares.
import type { Feature } from '../../http/feature.ts'
import { createPhotoSubscriber, processPhotos } from './processing.ts'
import { photoRoutes } from './routes.ts'

export const photos: Feature = {
  name: 'photos',
  routes: photoRoutes,
  errors: ['CURSOR_INVALID', 'MEDIA_UNAVAILABLE', 'PHOTO_NOT_FOUND', 'PROPERTY_NOT_FOUND', 'VERSION_MISMATCH'],
  events: {
    'photo.added': 'A picture of a property was uploaded.',
    'photo.deleted': 'A picture was deleted.',
    'photo.failed': 'The file of a picture could not be read.',
    'photo.ready': 'The sizes of a picture were made, so it can be shown.',
    'photo.updated': 'The text or the position of a picture changed.',
  },
  jobs: ({ db, media, log }) => ({
    'photos.process': {
      cron: '17 * * * *',
      async run({ agency_id }, signal) {
        const done = await processPhotos({ db, media }, agency_id, signal)
        if (done.encoded + done.deleted > 0) log.info(done, 'pictures processed')
      },
    },
  }),
  subscribers: ({ enqueue }) => [createPhotoSubscriber(enqueue)],
  tables: ['property_photos'],
}
