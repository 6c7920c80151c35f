// Assigns each stay the first property that is large enough and free. Caches the occupied nights.
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'
import type { Dates } from '../availability/days.ts'

interface StayRequest extends Dates {
  readonly num_guests: number
  /** False for a cancelled stay: any property that is large enough fits. */
  readonly takes_nights: boolean
}

export interface Assignment {
  /**
   * For each stay the id of the first active property for this many guests whose nights are neither occupied nor taken
   * by an earlier stay; undefined when there is none. Properties are ordered by id, that is by creation time in ms.
   */
  assign(tx: Tx, stays: readonly StayRequest[]): Promise<(string | undefined)[]>
  /** Empties the cache: the stays were not saved, or the occupancies have changed. */
  reset(): void
  /** How many guests the largest property takes; 0 without properties. */
  maxGuests(): number
}

interface ActiveProperty {
  readonly id: string
  readonly max_guests: number
}

/** Properties read ahead in one statement, because the following stays most likely need them. */
const read_ahead = 50

export function createAssignment(): Assignment {
  let properties: readonly ActiveProperty[] | undefined
  /** By property id, of those that were read. */
  const occupied = new Map<string, Dates[]>()

  /** Properties that were not read count as free. Adds the nights of the stays to `assigned`. */
  function choose(among: readonly ActiveProperty[], stays: readonly StayRequest[], assigned: Map<string, Dates[]>) {
    return stays.map((stay) => {
      const isFree = (id: string) => !overlaps(occupied.get(id), stay) && !overlaps(assigned.get(id), stay)
      const fits = ({ id, max_guests }: ActiveProperty) =>
        max_guests >= stay.num_guests && (!stay.takes_nights || isFree(id))
      const id = among.find(fits)?.id
      if (id !== undefined && stay.takes_nights) addDates(assigned, id, stay)
      return id
    })
  }

  async function readOccupied(tx: Tx, among: readonly ActiveProperty[], chosen: readonly string[]): Promise<void> {
    const from = among.findIndex(({ id }) => chosen.includes(id))
    const ahead = among.slice(from, from + read_ahead).map(({ id }) => id)
    const ids = [...new Set([...chosen, ...ahead])].filter((id) => !occupied.has(id))
    for (const id of ids) occupied.set(id, [])
    for (const { property_id, ...dates } of await findOccupied(tx, ids)) addDates(occupied, property_id, dates)
  }

  return {
    async assign(tx, stays) {
      properties ??= await findActiveProperties(tx)
      for (;;) {
        const assigned = new Map<string, Dates[]>()
        const ids = choose(properties, stays, assigned)
        const unread = [...assigned.keys()].filter((id) => !occupied.has(id))
        if (unread.length > 0) await readOccupied(tx, properties, unread)
        else {
          for (const [id, all] of assigned) for (const dates of all) addDates(occupied, id, dates)
          return ids
        }
      }
    },
    reset() {
      properties = undefined
      occupied.clear()
    },
    maxGuests: () => Math.max(0, ...new Set(properties?.map(({ max_guests }) => max_guests))),
  }
}

function overlaps(dates: readonly Dates[] | undefined, { check_in, check_out }: Dates): boolean {
  return dates?.some((other) => other.check_in < check_out && check_in < other.check_out) ?? false
}

function addDates(to: Map<string, Dates[]>, id: string, { check_in, check_out }: Dates): void {
  const dates = to.get(id)
  if (dates === undefined) to.set(id, [{ check_in, check_out }])
  else dates.push({ check_in, check_out })
}

async function findActiveProperties(tx: Tx): Promise<ActiveProperty[]> {
  return tx.query<ActiveProperty>(sql`
    select p.id, p.max_guests from properties p
    where p.agency_id = ${tx.agency_id} and p.deleted_at is null and p.is_active order by p.id`)
}

async function findOccupied(tx: Tx, ids: readonly string[]): Promise<(Dates & { readonly property_id: string })[]> {
  return tx.query(sql`
    select o.property_id, o.check_in, o.check_out from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = any(${ids}::uuid[])`)
}
