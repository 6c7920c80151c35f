// The demo data: two agencies with members of every role, properties and bookings.

import { operatorOf } from '../core/auth/actors.ts'
import { roles } from '../core/auth/permissions.ts'
import type { Database } from '../core/postgres/database.ts'
import type { Tx } from '../core/postgres/transaction.ts'
import { createAgency, findAgency } from '../features/agencies/agencies.ts'
import { createBookings } from '../features/bookings/create-many.ts'
import type { BookingInput } from '../features/bookings/new-row.ts'
import { createProperty } from '../features/properties/properties.ts'
import type { NewProperty } from '../features/properties/schema.ts'
import { addMember } from '../features/team/team.ts'

interface DemoAgency {
  readonly slug: string
  readonly name: string
  readonly properties: readonly [
    name: string,
    type: NewProperty['property_type'],
    guests: number,
    euros: number,
    city: string,
  ][]
}

const agencies: readonly DemoAgency[] = [
  {
    slug: 'alps',
    name: 'Alpine Lodges',
    properties: [
      ['Almhütte Sonnblick', 'chalet', 8, 310, 'Mittersill'],
      ['Apartment Bergkristall', 'apartment', 4, 145, 'Kaprun'],
      ['Bauernhaus Lindner', 'house', 10, 380, 'Rauris'],
      ['Chalet Edelweiß', 'chalet', 6, 265, 'Zell am See'],
      ['Ferienwohnung Gipfelblick', 'apartment', 5, 160, 'Saalbach'],
      ['Jagdhaus Tannwald', 'cabin', 6, 220, 'Bad Gastein'],
      ['Studio am Lift', 'studio', 2, 95, 'Kaprun'],
      ['Villa Enzian', 'villa', 12, 540, 'Zell am See'],
      ['Zirbenstube', 'cottage', 4, 175, 'Rauris'],
    ],
  },
  {
    slug: 'coast',
    name: 'Coast & Dunes',
    properties: [
      ['Deichkate', 'cottage', 4, 130, 'Husum'],
      ['Dünenhaus Nord', 'house', 8, 290, 'St. Peter-Ording'],
      ['Hafenblick 12', 'apartment', 3, 120, 'Büsum'],
      ['Kapitänshaus', 'house', 6, 240, 'Wyk auf Föhr'],
      ['Leuchtturm-Suite', 'studio', 2, 185, 'Westerhever'],
      ['Reetdachhaus Möwe', 'villa', 9, 420, 'Kampen'],
      ['Strandkoje', 'studio', 2, 85, 'Büsum'],
      ['Wattwurm', 'apartment', 5, 150, 'Husum'],
    ],
  },
]

const guest_names = [
  'Ada Lovelace',
  'Carl Gauss',
  'Emmy Noether',
  'Leonhard Euler',
  'Marie Curie',
  'Niels Bohr',
  'Sofia Kovalevskaya',
]
const bookings_per_agency = 120

/** All members get `password`. Returns the slugs of the agencies it created; existing ones are not changed. */
export async function createDemoAgencies(db: Database, password: string): Promise<string[]> {
  const created: string[] = []
  for (const agency of agencies) {
    if ((await findAgency(db, agency.slug)) !== undefined) continue
    await createDemoAgency(db, agency, password)
    created.push(agency.slug)
  }
  return created
}

async function createDemoAgency(
  db: Database,
  { name, slug, properties: listings }: DemoAgency,
  password: string,
): Promise<void> {
  const actor = operatorOf((await createAgency(db, { name, slug })).id)
  const members = new Map<string, string>()
  for (const role of roles) {
    const full_name = `${role[0]?.toUpperCase()}${role.slice(1)} of ${name}`
    const member = await addMember(db, actor, {
      email: `${role}@${slug}.example`,
      role,
      full_name,
      password,
    })
    members.set(role, member.user_id)
  }
  await db.tenantTx(actor, async (tx) => {
    const properties = []
    for (const [index, [title, property_type, max_guests, euros, city]] of listings.entries()) {
      const owner_id = index % 3 === 0 ? (members.get('owner') ?? null) : null
      const input = { name: title, property_type, max_guests, city, owner_id, country: slug === 'alps' ? 'AT' : 'DE' }
      const price = { base_price_cents: euros * 100, cleaning_fee_cents: 6000 }
      properties.push(await createProperty(tx, { ...input, ...price, bedrooms: Math.ceil(max_guests / 2) }))
    }
    await fillCalendar(tx, properties)
  })
}

/** Consecutive stays of 2 to 9 nights in each property, from two months ago to four months ahead. */
async function fillCalendar(tx: Tx, properties: readonly { id: string; max_guests: number }[]): Promise<void> {
  const random = createRandom(properties.length)
  const next = properties.map(() => -60 + Math.floor(random() * 7))
  const stays: BookingInput[] = []
  for (let index = 0; index < bookings_per_agency; index += 1) {
    const at = index % properties.length
    const property = properties[at]
    if (property === undefined) return
    const from = (next[at] ?? 0) + Math.floor(random() * 4)
    const nights = 2 + Math.floor(random() * 8)
    next[at] = from + nights
    stays.push(createStay(property, from, nights, index, random))
  }
  await createBookings(tx, stays)
}

function createStay(
  property: { id: string; max_guests: number },
  from: number,
  nights: number,
  index: number,
  random: () => number,
): BookingInput {
  const [first_name = '', last_name = ''] = (guest_names[index % guest_names.length] ?? '').split(' ')
  const status =
    from + nights <= 0 ? 'checked_out' : from <= 0 ? 'checked_in' : random() < 0.15 ? 'pending' : 'confirmed'
  const source = (['direct', 'airbnb', 'booking_com', 'fewo_direkt'] as const)[Math.floor(random() * 4)] ?? 'direct'
  const guest = { first_name, last_name, email: `${first_name}.${last_name}@guests.example`.toLowerCase() }
  const num_adults = 1 + Math.floor(random() * Math.min(4, property.max_guests))
  const stay = { property_id: property.id, check_in: dayFromToday(from), check_out: dayFromToday(from + nights) }
  return {
    ...stay,
    num_adults,
    status,
    source,
    guest,
    payment_status: from <= 0 ? 'paid' : 'pending',
  }
}

function dayFromToday(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}

/** Pseudo-random numbers in [0, 1). Seeded, so that the demo data is the same on every machine. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271 + 11) % 2_147_483_647
    return state / 2_147_483_647
  }
}
