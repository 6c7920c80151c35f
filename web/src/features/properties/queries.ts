// Reads and writes homes.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, ifMatch, type Schema } from '../../api/client.ts'

export type Property = Schema['Property']

export const propertyQuery = (id: string) =>
  queryOptions({
    queryKey: ['properties', 'one', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/properties/{id}', { params: { path: { id } }, signal })),
  })

/** Throws ApiError; 412 when somebody has changed the home since it was read. */
export const updateProperty = ({ id, version }: Pick<Property, 'id' | 'version'>, body: Schema['PropertyPatch']) =>
  bodyOf(api.PATCH('/api/v1/properties/{id}', { params: { path: { id }, header: ifMatch(version) }, body }))
