// All homes as choices of a field: of the calendar's names, which every role may read.
import { useQuery } from '@tanstack/react-query'
import { api, bodyOf } from '../../api/client.ts'

export interface HomeChoice {
  readonly value: string
  readonly label: string
  readonly currency: string
}

async function readHomes(signal: AbortSignal): Promise<HomeChoice[]> {
  const homes: HomeChoice[] = []
  let cursor: string | null = null
  do {
    const page: { items: { id: string; name: string; currency: string }[]; next_cursor: string | null } = await bodyOf(
      api.GET('/api/v1/properties', {
        params: { query: { limit: 100, is_active: true, ...(cursor !== null && { cursor }) } },
        signal,
      }),
    )
    homes.push(...page.items.map(({ id, name, currency }) => ({ value: id, label: name, currency })))
    cursor = page.next_cursor
  } while (cursor !== null)
  return homes
}

export function useHomes(is_enabled = true): readonly HomeChoice[] {
  const { data } = useQuery({
    queryKey: ['properties', 'choices'],
    queryFn: ({ signal }) => readHomes(signal),
    staleTime: 5 * 60_000,
    enabled: is_enabled,
  })
  return data ?? []
}
