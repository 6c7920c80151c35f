// Gives each stay the first home that is large enough and free. What the ledger says about a home is read once and kept.
import sql from 'sql-template-tag'
import type { Tx } from '../../core/postgres/transaction.ts'

export interface Nights {
  readonly check_in: string
  readonly check_out: string
}

export interface Wanted extends Nights {
  readonly guests: number
  /** False for a stay that was cancelled: any home that is large enough will do. */
  readonly takes_nights: boolean
}

export interface Assignment {
  /**
   * For each stay the id of the first active home that takes so many guests and is free in the ledger and of the stays
   * before it; undefined when there is none. First by id: in order of creation, to the millisecond.
   */
  assign(tx: Tx, stays: readonly Wanted[]): Promise<(string | undefined)[]>
  /** Forgets everything: what was assigned last was not saved, or the ledger has changed meanwhile. */
  forget(): void
  /** How many guests the largest home takes; 0 when there is none. */
  largest(): number
}

interface Home {
  readonly id: string
  readonly max_guests: number
}

/** Homes that are read at once, beside those that were asked for: the next in line are most likely asked for next. */
const ahead = 50

export function createAssignment(): Assignment {
  let homes: readonly Home[] | undefined
  /** By home; one that is not in here has not been read. */
  const taken = new Map<string, Nights[]>()

  function choose(among: readonly Home[], stays: readonly Wanted[], own: Map<string, Nights[]>) {
    return stays.map((stay) => {
      const fits = ({ id, max_guests }: Home) =>
        max_guests >= stay.guests && (!stay.takes_nights || (isOpen(taken.get(id), stay) && isOpen(own.get(id), stay)))
      const id = among.find(fits)?.id
      if (id !== undefined && stay.takes_nights) add(own, id, stay)
      return id
    })
  }

  /** Reads the ledger of these homes, and of those that come after the first of them. */
  async function read(tx: Tx, among: readonly Home[], wanted: readonly string[]): Promise<void> {
    const from = among.findIndex(({ id }) => wanted.includes(id))
    const next = among.slice(from, from + ahead).map(({ id }) => id)
    const ids = [...new Set([...wanted, ...next])].filter((id) => !taken.has(id))
    for (const id of ids) taken.set(id, [])
    for (const { property_id, ...nights } of await nightsTaken(tx, ids)) add(taken, property_id, nights)
  }

  return {
    async assign(tx, stays) {
      homes ??= await activeHomes(tx)
      for (;;) {
        const own = new Map<string, Nights[]>()
        const chosen = choose(homes, stays, own)
        const unread = [...own.keys()].filter((id) => !taken.has(id))
        if (unread.length > 0) await read(tx, homes, unread)
        else {
          for (const [id, nights] of own) for (const one of nights) add(taken, id, one)
          return chosen
        }
      }
    },
    forget() {
      homes = undefined
      taken.clear()
    },
    largest: () => Math.max(0, ...new Set(homes?.map(({ max_guests }) => max_guests))),
  }
}

function isOpen(taken: readonly Nights[] | undefined, { check_in, check_out }: Nights): boolean {
  return !taken?.some((other) => other.check_in < check_out && check_in < other.check_out)
}

function add(to: Map<string, Nights[]>, id: string, { check_in, check_out }: Nights): void {
  const known = to.get(id)
  if (known === undefined) to.set(id, [{ check_in, check_out }])
  else known.push({ check_in, check_out })
}

async function activeHomes(tx: Tx): Promise<Home[]> {
  return tx.query<Home>(sql`
    select p.id, p.max_guests from properties p
    where p.agency_id = ${tx.agency_id} and p.deleted_at is null and p.is_active order by p.id`)
}

async function nightsTaken(tx: Tx, ids: readonly string[]): Promise<(Nights & { readonly property_id: string })[]> {
  return tx.query(sql`
    select o.property_id, lower(o.during) as check_in, upper(o.during) as check_out from occupancies o
    where o.agency_id = ${tx.agency_id} and o.property_id = any(${ids}::uuid[])`)
}
