// Gives a stay the first home that is large enough and free. The ledger decides; memory only spares it questions.
import sql from 'sql-template-tag'
import { columns } from '../../core/sql.ts'
import type { Tx } from '../../core/transaction.ts'

export interface Nights {
  readonly check_in: string
  readonly check_out: string
}

export interface Assignment {
  /** Reads the homes at first. From here on, what is learned may be forgotten again. */
  begin(tx: Tx): Promise<void>
  /** Forgets what was learned since `begin`: it was rolled back. */
  forget(): void
  /** The id of the first active home that takes so many guests. First by id: in order of creation, to the millisecond. */
  firstLargeEnough(guests: number): string | undefined
  /** The same among those that are free as far as this run knows; the ledger may know better when it is booked. */
  guess(guests: number, nights: Nights): string | undefined
  /** The same among those that are free in the ledger. */
  pick(tx: Tx, guests: number, nights: Nights): Promise<string | undefined>
  /** These nights of the home are taken. */
  learn(property_id: string, nights: Nights): void
  /** These nights, the same object as learned, are free after all. */
  unlearn(property_id: string, nights: Nights): void
  /** How many guests the largest home takes; 0 when there is none. */
  largest(): number
}

interface Home {
  readonly id: string
  readonly max_guests: number
}

/** Homes asked about in one statement. */
const at_once = 50

export function createAssignment(): Assignment {
  let homes: readonly Home[] | undefined
  const taken = new Map<string, Nights[]>()
  let recent: [property_id: string, nights: Nights][] = []

  function learn(property_id: string, nights: Nights): void {
    recent.push([property_id, nights])
    const known = taken.get(property_id)
    if (known === undefined) taken.set(property_id, [nights])
    else known.push(nights)
  }

  function unlearn(property_id: string, nights: Nights): void {
    const known = taken.get(property_id) ?? []
    const place = known.lastIndexOf(nights)
    if (place >= 0) known.splice(place, 1)
  }

  function isOpen(id: string, { check_in, check_out }: Nights): boolean {
    return !taken.get(id)?.some((other) => other.check_in < check_out && check_in < other.check_out)
  }

  async function pick(tx: Tx, guests: number, nights: Nights): Promise<string | undefined> {
    const open = (homes ?? []).filter(({ id, max_guests }) => max_guests >= guests && isOpen(id, nights))
    for (let from = 0; from < open.length; from += at_once) {
      const ids = open.slice(from, from + at_once).map(({ id }) => id)
      for (const { id, check_in, check_out } of await askLedger(tx, ids, guests, nights)) {
        if (check_in === null || check_out === null) return id
        learn(id, { check_in, check_out })
      }
    }
    return undefined
  }

  return {
    async begin(tx) {
      homes ??= await activeHomes(tx)
      recent = []
    },
    forget() {
      for (const [id, nights] of recent) unlearn(id, nights)
      homes = undefined
    },
    firstLargeEnough: (guests) => homes?.find(({ max_guests }) => max_guests >= guests)?.id,
    guess: (guests, nights) => homes?.find(({ id, max_guests }) => max_guests >= guests && isOpen(id, nights))?.id,
    pick,
    learn,
    unlearn,
    largest: () => Math.max(0, ...new Set(homes?.map(({ max_guests }) => max_guests))),
  }
}

async function activeHomes(tx: Tx): Promise<Home[]> {
  return tx.query<Home>(sql`
    select p.id, p.max_guests from properties p
    where p.agency_id = ${tx.agency_id} and p.deleted_at is null and p.is_active order by p.id`)
}

interface Answer {
  readonly id: string
  /** Nights in the ledger that stand in the way; null when there are none. */
  readonly check_in: string | null
  readonly check_out: string | null
}

async function askLedger(tx: Tx, ids: readonly string[], guests: number, nights: Nights): Promise<Answer[]> {
  return tx.query<Answer>(sql`
    select ${columns(['p.id', 'o.check_in', 'o.check_out'])}
    from properties p
    left join lateral (
      select lower(o.during) as check_in, upper(o.during) as check_out from occupancies o
      where o.agency_id = ${tx.agency_id} and o.property_id = p.id
        and o.during && daterange(${nights.check_in}, ${nights.check_out})
      limit 1) o on true
    where p.agency_id = ${tx.agency_id} and p.id = any(${ids}::uuid[]) and p.deleted_at is null and p.is_active
      and p.max_guests >= ${guests}
    order by p.id`)
}
