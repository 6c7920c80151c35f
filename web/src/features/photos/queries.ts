// Reads and writes the pictures of homes.
import { queryOptions } from '@tanstack/react-query'
import { api, authorizedFetch, bodyOf, ifMatch, type Schema } from '../../api/client.ts'
import { errorOf } from '../../api/errors.ts'
import { shrink } from './shrink.ts'

export type Photo = Schema['Photo']

/** Of one home, in their order. */
export const photosQuery = (property_id: string) =>
  queryOptions({
    queryKey: ['photos', property_id],
    queryFn: async ({ signal }) => {
      const query = { property_id, limit: 100 }
      return (await bodyOf(api.GET('/api/v1/photos', { params: { query }, signal }))).items
    },
  })

/** The first picture of each home that has one, by the id of the home. */
export const coversQuery = () =>
  queryOptions({
    queryKey: ['photos', 'covers'],
    queryFn: ({ signal }) => readCovers(signal),
    staleTime: 5 * 60_000,
  })

async function readCovers(signal: AbortSignal): Promise<ReadonlyMap<string, Photo>> {
  const covers = new Map<string, Photo>()
  let cursor: string | null = null
  do {
    const query = { is_cover: true, limit: 100, ...(cursor !== null && { cursor }) }
    const page: Schema['PhotoPage'] = await bodyOf(api.GET('/api/v1/photos', { params: { query }, signal }))
    for (const photo of page.items) covers.set(photo.property_id, photo)
    cursor = page.next_cursor
  } while (cursor !== null)
  return covers
}

/** Throws ApiError for a file that is refused, and OfflineError without an answer. */
export async function uploadPhoto(property_id: string, file: File): Promise<Photo> {
  const headers = { 'content-type': 'application/octet-stream' }
  const request = new Request(`/api/v1/properties/${property_id}/photos`, {
    method: 'POST',
    body: await shrink(file),
    headers,
  })
  const response = await authorizedFetch(request)
  if (!response.ok) throw await errorOf(response)
  return (await response.json()) as Photo
}

/** Throws ApiError; 412 when somebody has changed the picture since it was read. */
export const updatePhoto = ({ id, version }: Pick<Photo, 'id' | 'version'>, body: Schema['PhotoPatch']) =>
  bodyOf(api.PATCH('/api/v1/photos/{id}', { params: { path: { id }, header: ifMatch(version) }, body }))

export const deletePhoto = ({ id }: Photo) => api.DELETE('/api/v1/photos/{id}', { params: { path: { id } } })
