// Decides which stays of a group get their nights, when some of them give up nights that others take.
import type { Stay } from '../availability/context.ts'

export interface Move {
  /** Identifies the stay in the result. */
  readonly key: string
  /** The nights that it has; null: none. */
  readonly from: Stay | null
  /** The nights that it needs; null: none. */
  readonly to: Stay | null
}

/** Something that has nights and stays where it is. */
export interface Occupant extends Stay {
  readonly kind: 'booking' | 'block' | 'hold' | 'channel'
  readonly id: string | null
  /** How people call it: the reference of a booking. */
  readonly label: string | null
}

/** Another stay of the group that has the nights. */
interface Rival extends Stay {
  readonly key: string
}

export type Obstacle = { readonly occupant: Occupant } | { readonly rival: Rival }

/**
 * What is in the way of each stay that cannot have its nights; the others can be applied together. A refused stay keeps what it
 * has, which can refuse others in turn. Of two stays that need the same nights the one that has them wins, then the first.
 * `occupied` has no rows of the stays themselves.
 */
export function settleMoves(moves: readonly Move[], occupied: readonly Occupant[]): Map<string, Obstacle> {
  const occupants = Map.groupBy(occupied, ({ property_id }) => property_id)
  const refused = new Map<string, Obstacle>()
  for (;;) {
    const next = findRefused(moves, occupants, refused)
    if (next === undefined) return refused
    refused.set(next.key, next.obstacle)
  }
}

function findRefused(
  moves: readonly Move[],
  occupants: ReadonlyMap<string, readonly Occupant[]>,
  refused: ReadonlyMap<string, Obstacle>,
): { key: string; obstacle: Obstacle } | undefined {
  const kept = moves.filter(({ key, from }) => refused.has(key) && from !== null)
  const placed = new Map<string, Rival[]>()
  for (const { key, from } of kept) if (from !== null) addTo(placed, { key, ...nightsOf(from) })
  for (const { key, to } of moves) {
    if (to === null || refused.has(key)) continue
    const occupant = occupants.get(to.property_id)?.find((other) => overlaps(other, to))
    if (occupant !== undefined) return { key, obstacle: { occupant } }
    const rival = placed.get(to.property_id)?.find((other) => overlaps(other, to))
    if (rival !== undefined) return { key, obstacle: { rival } }
    addTo(placed, { key, ...nightsOf(to) })
  }
  return undefined
}

const nightsOf = ({ property_id, check_in, check_out }: Stay): Stay => ({ property_id, check_in, check_out })

function addTo(placed: Map<string, Rival[]>, rival: Rival): void {
  const rivals = placed.get(rival.property_id)
  if (rivals === undefined) placed.set(rival.property_id, [rival])
  else rivals.push(rival)
}

export function overlaps(one: Stay, other: Stay): boolean {
  return one.property_id === other.property_id && one.check_in < other.check_out && other.check_in < one.check_out
}
