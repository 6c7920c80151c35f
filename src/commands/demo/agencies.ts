// Creates the demo agencies: members of every role, homes, guests, bookings, blocks and a hold.
import { type Actor, operatorOf } from '../../core/auth/actors.ts'
import { roles } from '../../core/auth/permissions.ts'
import type { MediaStore } from '../../core/media/media.ts'
import type { Database } from '../../core/postgres/database.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { settleAll } from '../../core/settle-all.ts'
import { localDay } from '../../core/time-zones.ts'
import { createAgency, findAgency } from '../../features/agencies/agencies.ts'
import { findOrCreateGuest } from '../../features/guests/of-booking.ts'
import { createProperty } from '../../features/properties/properties.ts'
import type { NewProperty, Property } from '../../features/properties/schema.ts'
import { addMember } from '../../features/team/team.ts'
import { fillCalendar } from './calendar.ts'
import { demoGuests } from './guests.ts'
import { demoHomes, repeatedHomes } from './homes.ts'
import { addPictures } from './pictures.ts'

interface DemoAgency {
  readonly slug: string
  readonly name: string
  readonly homes: readonly NewProperty[]
  readonly num_guests: number
}

const agencies: readonly DemoAgency[] = [
  { slug: 'alps', name: 'Alpine Lodges', homes: demoHomes.alps, num_guests: 240 },
  { slug: 'coast', name: 'Coast & Dunes', homes: demoHomes.coast, num_guests: 40 },
]

/** An agency with as many homes as are asked for, to see Roost with a large portfolio. */
const portfolioOf = (num_homes: number): DemoAgency => {
  return { slug: 'portfolio', name: 'Large Portfolio', homes: repeatedHomes(num_homes), num_guests: 320 }
}

/** Homes and their stays of one transaction: two years of 3,000 homes would be one of minutes. */
const homes_at_once = 40

export interface DemoStores {
  readonly db: Database
  readonly media: MediaStore
}

export interface DemoOptions {
  readonly password: string
  /** Of a third agency. */
  readonly num_homes?: number | undefined
  readonly onProgress?: (done: number, total: number) => void
}

/** Returns the slugs of the agencies it created; existing ones are not changed. */
export async function createDemoAgencies(stores: DemoStores, options: DemoOptions): Promise<string[]> {
  const { num_homes, onProgress } = options
  const wanted = num_homes === undefined ? agencies : [...agencies, portfolioOf(num_homes)]
  const missing: DemoAgency[] = []
  for (const agency of wanted) if ((await findAgency(stores.db, agency.slug)) === undefined) missing.push(agency)
  const total = missing.reduce((sum, { homes }) => sum + homes.length, 0)
  let done = 0
  for (const agency of missing) {
    await createDemoAgency(stores, agency, options.password, (num) => {
      done += num
      onProgress?.(done, total)
    })
  }
  return missing.map(({ slug }) => slug)
}

async function createDemoAgency(
  { db, media }: DemoStores,
  { name, slug, homes, num_guests }: DemoAgency,
  password: string,
  onHomes: (num_created: number) => void,
): Promise<void> {
  const actor = operatorOf((await createAgency(db, { name, slug })).id)
  const owner_id = await addMembers(db, actor, { name, slug, password })
  const guest_ids = await db.tenantTx(actor, async (tx) => {
    const guests = await settleAll(...demoGuests(num_guests).map((guest) => findOrCreateGuest(tx, { guest })))
    return guests.map((guest) => guest?.id ?? '')
  })
  for (let first = 0; first < homes.length; first += homes_at_once) {
    const some = homes.slice(first, first + homes_at_once)
    const created = await db.tenantTx(actor, async (tx) => {
      const inserted = await createHomes(tx, some, owner_id)
      const today = localDay(tx.now(), 'Europe/Berlin')
      await fillCalendar(tx, { homes: inserted, guest_ids, today, num_before: first })
      return inserted
    })
    // The pictures repeat: those of 3,000 homes would be 200 MB of the same drawings.
    if (first === 0) await addPictures({ db, media }, actor, created)
    onHomes(some.length)
  }
}

/** One of each role. Returns the id of the owner. */
async function addMembers(
  db: Database,
  actor: Actor,
  { name, slug, password }: { readonly name: string; readonly slug: string; readonly password: string },
): Promise<string | null> {
  let owner_id: string | null = null
  for (const role of roles) {
    const full_name = `${role[0]?.toUpperCase()}${role.slice(1)} of ${name}`
    const { user_id } = await addMember(db, actor, { email: `${role}@${slug}.example`, role, full_name, password })
    if (role === 'owner') owner_id = user_id
  }
  return owner_id
}

/** The owner has every sixth home. */
async function createHomes(tx: Tx, homes: readonly NewProperty[], owner_id: string | null): Promise<Property[]> {
  const inputs = homes.map((home, index) => ({ ...home, owner_id: index % 6 === 1 ? owner_id : null }))
  return settleAll(...inputs.map((input) => createProperty(tx, input)))
}
