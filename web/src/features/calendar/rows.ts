// The rows of the grid: homes, in groups by city if that is asked for.
import type { Home } from './bars.ts'

export type GridRow =
  | { readonly kind: 'home'; readonly home: Home }
  | { readonly kind: 'group'; readonly name: string; readonly num_homes: number; readonly is_closed: boolean }

/** `closed` are the names of groups whose homes are not shown. */
export function rowsOf(homes: readonly Home[], is_grouped: boolean, closed: ReadonlySet<string>): GridRow[] {
  if (!is_grouped) return homes.map((home) => ({ kind: 'home', home }))
  const groups = Map.groupBy(homes, ({ city }) => city ?? '')
  const names = [...groups.keys()].sort((a, b) => (a === '' ? 1 : b === '' ? -1 : a.localeCompare(b)))
  return names.flatMap((name): GridRow[] => {
    const members = groups.get(name) ?? []
    const is_closed = closed.has(name)
    const group = { kind: 'group', name, num_homes: members.length, is_closed } as const
    return is_closed ? [group] : [group, ...members.map((home): GridRow => ({ kind: 'home', home }))]
  })
}
