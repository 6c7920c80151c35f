// Reads a list of the API page by page.
import { useInfiniteQuery } from '@tanstack/react-query'

interface ListPage<Row> {
  readonly items: readonly Row[]
  readonly next_cursor: string | null
}

interface Options<Row> {
  readonly queryKey: readonly unknown[]
  readonly read: (cursor: { cursor?: string }, signal: AbortSignal) => Promise<ListPage<Row>>
  readonly is_enabled?: boolean
}

/** What DataTable needs. */
export function useListPages<Row>({ queryKey, read, is_enabled = true }: Options<Row>) {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => read(pageParam === null ? {} : { cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    enabled: is_enabled,
  })
  return {
    rows: query.data?.pages.flatMap(({ items }) => items),
    error: query.error,
    retry: () => void query.refetch(),
    more: query.hasNextPage
      ? { load: () => void query.fetchNextPage(), is_loading: query.isFetchingNextPage }
      : undefined,
  }
}
