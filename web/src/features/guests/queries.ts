// Reads one guest.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'

export const guestQuery = (id: string) =>
  queryOptions({
    queryKey: ['guests', 'one', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/guests/{id}', { params: { path: { id } }, signal })),
  })
