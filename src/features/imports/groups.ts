// Groups stays that depend on each other: one gives up or takes nights that another one has or needs.
import type { Stay } from '../availability/context.ts'

export interface Touching {
  /** Nights that the stay has or needs. */
  readonly nights: readonly Stay[]
}

/** Groups in the order of their first member; members in the given order. Nights that touch do not depend on each other. */
export function groupByNights<Item extends Touching>(items: readonly Item[]): Item[][] {
  const leader = items.map((_, index) => index)
  const find = (index: number): number => {
    let at = index
    while (leader[at] !== at) at = leader[at] ?? at
    leader[index] = at
    return at
  }
  const nights = items.flatMap((item, index) => item.nights.map((stay) => ({ index, ...stay })))
  for (const stays of Map.groupBy(nights, ({ property_id }) => property_id).values()) {
    let open: { index: number; check_out: string } | undefined
    for (const stay of stays.toSorted((one, other) => (one.check_in < other.check_in ? -1 : 1))) {
      if (open === undefined || stay.check_in >= open.check_out) {
        open = stay
        continue
      }
      const [one, other] = [find(open.index), find(stay.index)].toSorted((a, b) => a - b) as [number, number]
      leader[other] = one
      open = { index: one, check_out: stay.check_out > open.check_out ? stay.check_out : open.check_out }
    }
  }
  return [...Map.groupBy(items.keys(), find).values()].map((indexes) => indexes.flatMap((index) => items[index] ?? []))
}

/** Lists of whole groups with at most `size` members each; a larger group is alone. */
export function packGroups<Item>(groups: readonly (readonly Item[])[], size: number): (readonly Item[])[][] {
  const packs: (readonly Item[])[][] = []
  let pack: (readonly Item[])[] = []
  let count = 0
  for (const group of groups) {
    if (count > 0 && count + group.length > size) {
      packs.push(pack)
      pack = []
      count = 0
    }
    pack.push(group)
    count += group.length
  }
  return pack.length > 0 ? [...packs, pack] : packs
}
