// What a day at the desk costs on PostgreSQL: bookings with everything on, also while a million expired keys are purged,
// "is it free?", the calendar of 3,000 homes.
//   node scripts/measure/bookings.ts      makes a scratch database on 127.0.0.1:5432, or TEST_DATABASE_URL, and drops it
import { randomUUID } from 'node:crypto'
import { purgeExpiredKeys } from '../../src/core/idempotency.ts'
import { createAgency, operatorOf } from '../../src/features/agencies/agencies.ts'
import { addMember } from '../../src/features/team/team.ts'
import { lineOf, load } from './load.ts'
import { createScratch, type Scratch } from './scratch.ts'

const homes = 3000
const print = (line: string) => process.stdout.write(`${line}\n`)

/** 3,000 homes with 20 stays each: 60,000 bookings and their nights. */
async function fill({ owner }: Scratch, agency_id: string): Promise<string[]> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into properties (agency_id, id, name, property_type, max_guests, base_price_cents, currency)
     select $1, gen_random_uuid(), 'Home ' || n, 'house', 6, 10000, 'EUR' from generate_series(1, $2) n returning id`,
    [agency_id, homes],
  )
  await owner.query(
    `insert into bookings (agency_id, id, reference, property_id, status, check_in, check_out, num_adults, subtotal_cents,
       total_cents, currency)
     select $1, gen_random_uuid(), gen_random_uuid()::text, p.id, 'confirmed', current_date + n * 7, current_date + n * 7 + 5, 2,
       50000, 50000, 'EUR' from properties p, generate_series(0, 19) n where p.agency_id = $1`,
    [agency_id],
  )
  await owner.query(
    `insert into occupancies (agency_id, id, property_id, kind, booking_id, during)
     select b.agency_id, gen_random_uuid(), b.property_id, 'booking', b.id, daterange(b.check_in, b.check_out)
     from bookings b where b.agency_id = $1`,
    [agency_id],
  )
  await owner.query('analyze')
  return rows.map(({ id }) => id)
}

function day(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10)
}

async function main(): Promise<void> {
  const scratch = await createScratch()
  try {
    const { db } = scratch.store
    const agency = await createAgency(db, { name: 'Measured', slug: 'measured' })
    await addMember(db, operatorOf(agency.id), { email: 'm@example.com', role: 'admin', password: 'a long password' })
    const ids = await fill(scratch, agency.id)
    const address = await scratch.serve()
    const reply = await fetch(`${address}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'm@example.com', password: 'a long password' }),
    })
    const { token } = (await reply.json()) as { token: string }
    await measure(scratch, address, { authorization: `Bearer ${token}` }, ids)
  } finally {
    await scratch.remove()
  }
}

const expired = 1_000_000

async function expireKeys({ owner }: Scratch): Promise<void> {
  await owner.query(
    `insert into idempotency_keys (agency_id, actor_id, key, fingerprint, status, headers, body, expires_at)
     select m.agency_id, m.user_id, 'old-' || n, decode(repeat('00', 32), 'hex'), 201, '{}', convert_to(repeat('x', 600), 'UTF8'),
       now() - interval '1 hour' from team_members m, generate_series(1, $1::int) n`,
    [expired],
  )
  await owner.query('analyze idempotency_keys')
}

async function measure(
  scratch: Scratch,
  address: string,
  headers: Record<string, string>,
  ids: readonly string[],
): Promise<void> {
  const guest = { first_name: 'Ada', last_name: 'Lovelace' }
  const stay = (i: number, with_guest: boolean) => ({
    property_id: ids[i % homes],
    check_in: day(200 + 2 * Math.floor(i / homes)),
    check_out: day(202 + 2 * Math.floor(i / homes)),
    num_adults: 2,
    ...(with_guest && { guest: { ...guest, email: `ada-${i}@example.com` } }),
  })
  const booking = (i: number, with_guest: boolean) => ({
    method: 'POST',
    path: '/api/v1/bookings',
    headers: { ...headers, 'idempotency-key': randomUUID() },
    body: stay(i, with_guest),
  })
  await load(address, 16, 1000, (i) => booking(i, false))
  print(
    lineOf('book: key, ledger, audit, job; 16 clients', await load(address, 16, 8000, (i) => booking(1000 + i, false))),
  )
  print(lineOf('the same with a new guest each', await load(address, 16, 4000, (i) => booking(9000 + i, true))))
  await expireKeys(scratch)
  print(lineOf('book beside a million keys, no purge', await load(address, 16, 6000, (i) => booking(13000 + i, false))))
  let is_over = false
  const purging = purgeExpiredKeys(scratch.store.db).finally(() => {
    is_over = true
  })
  const began = performance.now()
  let next = 19000
  const beside: string[] = []
  while (!is_over) {
    const from = next
    next += 6000
    beside.push(lineOf('book while they are purged', await load(address, 16, 6000, (i) => booking(from + i, false))))
  }
  for (const line of beside) print(line)
  print(`${await purging} keys purged in ${((performance.now() - began) / 1000).toFixed(1)} s`)
  const asked = (i: number) =>
    `property_id=${ids[i % homes]}&check_in=${day(3 + (i % 90))}&check_out=${day(6 + (i % 90))}`
  const explain = (i: number) => ({ method: 'GET', path: `/api/v1/availability/explain?${asked(i)}`, headers })
  await load(address, 1, 300, explain)
  print(lineOf('explain one stay; 1 client', await load(address, 1, 2000, explain)))
  print(lineOf('explain one stay; 16 clients', await load(address, 16, 8000, explain)))
  const overview = () => ({
    method: 'GET',
    path: `/api/v1/availability/overview?from=${day(0)}&to=${day(60)}`,
    headers,
  })
  await load(address, 1, 3, overview)
  print(lineOf('overview of 3,000 homes x 60 days; 1 client', await load(address, 1, 30, overview)))
}

await main()
