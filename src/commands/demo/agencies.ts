// Creates the demo agencies: members of every role, homes, guests, bookings, blocks and a hold.
import { operatorOf } from '../../core/auth/actors.ts'
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
import { demoHomes } from './homes.ts'
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

interface DemoStores {
  readonly db: Database
  readonly media: MediaStore
}

/** All members get `password`. Returns the slugs of the agencies it created; existing ones are not changed. */
export async function createDemoAgencies({ db, media }: DemoStores, password: string): Promise<string[]> {
  const created: string[] = []
  for (const agency of agencies) {
    if ((await findAgency(db, agency.slug)) !== undefined) continue
    await createDemoAgency({ db, media }, agency, password)
    created.push(agency.slug)
  }
  return created
}

async function createDemoAgency({ db, media }: DemoStores, agency: DemoAgency, password: string): Promise<void> {
  const { name, slug } = agency
  const actor = operatorOf((await createAgency(db, { name, slug })).id)
  const members = new Map<string, string>()
  for (const role of roles) {
    const full_name = `${role[0]?.toUpperCase()}${role.slice(1)} of ${name}`
    const member = await addMember(db, actor, { email: `${role}@${slug}.example`, role, full_name, password })
    members.set(role, member.user_id)
  }
  await db.tenantTx(actor, async (tx) => {
    const homes = await createHomes(tx, agency.homes, members.get('owner') ?? null)
    const guests = await settleAll(...demoGuests(agency.num_guests).map((guest) => findOrCreateGuest(tx, { guest })))
    const guest_ids = guests.map((guest) => guest?.id ?? '')
    await addPictures(tx, media, homes)
    await fillCalendar(tx, { homes, guest_ids, today: localDay(tx.now(), 'Europe/Berlin') })
  })
}

/** The owner has every sixth home. */
async function createHomes(tx: Tx, homes: readonly NewProperty[], owner_id: string | null): Promise<Property[]> {
  const inputs = homes.map((home, index) => ({ ...home, owner_id: index % 6 === 1 ? owner_id : null }))
  return settleAll(...inputs.map((input) => createProperty(tx, input)))
}
