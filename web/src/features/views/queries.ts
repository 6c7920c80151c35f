// Reads and changes the saved views of the person who is signed in.
import { queryOptions } from '@tanstack/react-query'
import { api, bodyOf, ifMatch, type Schema } from '../../api/client.ts'

export type SavedView = Schema['View']
export type List = SavedView['list']
/** Filters as they are in the address. */
export type Filters = Readonly<Record<string, string | undefined>>

export const viewsQuery = (list: List) =>
  queryOptions({
    queryKey: ['views', list],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/me/views', { params: { query: { list } }, signal })),
    staleTime: 60_000,
  })

export const createView = (list: List, name: string, filters: Filters) =>
  bodyOf(api.POST('/api/v1/me/views', { body: { list, name, filters: filters as Schema['ViewFilters'] } }))

export const changeView = ({ id, version }: SavedView, body: { readonly name?: string; readonly filters?: Filters }) =>
  bodyOf(
    api.PATCH('/api/v1/me/views/{id}', {
      params: { path: { id }, header: ifMatch(version) },
      body: body as Schema['ViewPatch'],
    }),
  )

export const removeView = ({ id, version }: SavedView) =>
  api.DELETE('/api/v1/me/views/{id}', { params: { path: { id }, header: ifMatch(version) } })
