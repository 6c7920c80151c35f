// The people and properties of the tests: two agencies, with every role in the first.
import type { Role } from '../src/core/auth/permissions.ts'

export interface Player {
  readonly user_id: string
  readonly email: string
  readonly memberships: readonly { readonly agency_id: string; readonly role: Role; readonly is_active: boolean }[]
}

/** Two agencies with their people and properties. Number 0 is in every database of the harness from the start. */
export function castOf(number: number) {
  const group = number.toString(16).padStart(4, '0')
  const id = (kind: number, n: number) => `0000000${kind}-${group}-7000-8000-${String(n).padStart(12, '0')}`
  const domain = number === 0 ? 'example.com' : `agency-${number}.example.com`
  const slugOf = (name: string) => (number === 0 ? name : `${name}-${number}`)
  const [north, south] = [id(1, 1), id(1, 2)]

  function player(
    n: number,
    name: string,
    ...memberships: [agency_id: string, role: Role, is_active?: boolean][]
  ): Player {
    return {
      user_id: id(2, n),
      email: `${name}@${domain}`,
      memberships: memberships.map(([agency_id, role, is_active = true]) => ({ agency_id, role, is_active })),
    }
  }

  const players = {
    admin: player(1, 'admin', [north, 'admin']),
    manager: player(2, 'manager', [north, 'manager']),
    staff: player(3, 'staff', [north, 'staff']),
    owner: player(4, 'owner', [north, 'owner']),
    otherOwner: player(5, 'other-owner', [north, 'owner']),
    accountant: player(6, 'accountant', [north, 'accountant']),
    /** Was an admin; the membership is inactive. */
    former: player(7, 'former', [north, 'admin', false]),
    /** Admin of the other agency. */
    outsider: player(8, 'outsider', [south, 'admin']),
    /** Staff here, manager there. */
    bothAgencies: player(9, 'both-agencies', [north, 'staff'], [south, 'manager']),
  } as const

  /** Properties of the north agency and their owners, and one of the south. */
  const castProperties = {
    /** Belongs to `owner`; 4 guests, 100.00 a night, cleaning 50.00. */
    lake: { id: id(3, 1), agency_id: north, owner_id: players.owner.user_id, name: 'Lake House' },
    /** Belongs to `otherOwner`. */
    forest: { id: id(3, 2), agency_id: north, owner_id: players.otherOwner.user_id, name: 'Forest Cabin' },
    /** Belongs to the agency itself. */
    town: { id: id(3, 3), agency_id: north, owner_id: null, name: 'Town Flat' },
    beach: { id: id(3, 4), agency_id: south, owner_id: null, name: 'Beach Villa' },
  } as const

  return { north, south, players, castProperties, memberOf: (n: number) => id(4, n), slugOf }
}

export type Cast = ReturnType<typeof castOf>

const first = castOf(0)

/** The file's cast. After castPerTest(), the cast of the running test: read these inside tests. */
export let { north, south, players, castProperties } = first
export type PlayerName = keyof typeof players

/** Replaces `north`, `south`, `players` and `castProperties`; without an argument restores those of the file. */
export function useCast(cast: Cast = first): void {
  ;({ north, south, players, castProperties } = cast)
}

/** The password of all accounts, and its argon2id hash (m=19 MiB, t=2, p=1). */
export const password = 'correct horse battery'
const passwordHash = '$argon2id$v=19$m=19456,t=2,p=1$Svz7YcyhwAbLEJ3Sz6bGhQ$YYDdBD7L5IQVdmOHbMpEjmZTGUzC/rtcaof0DEn9WYs'

interface Connection {
  query(text: string, values?: unknown[]): Promise<unknown>
}

/** Inserts a cast. The connection needs the schema's owner, a superuser in tests, so row-level security does not apply. */
export async function seedCast(connection: Connection, cast: Cast = first): Promise<void> {
  const { north, south, players, castProperties, memberOf, slugOf } = cast
  const people = Object.values(players)
  const agencies = [
    { id: north, name: 'North', slug: slugOf('north') },
    { id: south, name: 'South', slug: slugOf('south') },
  ]
  await connection.query(
    `insert into agencies (id, name, slug)
     select id, name, slug from jsonb_to_recordset($1) as a(id uuid, name text, slug text)`,
    [JSON.stringify(agencies)],
  )
  const users = people.map(({ user_id, email }) => ({ id: user_id, email, full_name: email.split('@')[0] }))
  await connection.query(
    `insert into users (id, email, full_name, password_hash, email_proven_at, email_proven_by)
     select id, email, full_name, $2, now(), 'operator' from jsonb_to_recordset($1) as u(id uuid, email text, full_name text)`,
    [JSON.stringify(users), passwordHash],
  )
  const members = people
    .flatMap(({ user_id, memberships }) => memberships.map((membership) => ({ user_id, ...membership })))
    .map((member, index) => ({ id: memberOf(index + 1), ...member }))
  await connection.query(
    `insert into team_members (agency_id, id, user_id, role, is_active) select agency_id, id, user_id, role, is_active
     from jsonb_to_recordset($1) as m(agency_id uuid, id uuid, user_id uuid, role text, is_active boolean)`,
    [JSON.stringify(members)],
  )
  await connection.query(
    `insert into properties (agency_id, id, owner_id, name, property_type, max_guests, base_price_cents,
       cleaning_fee_cents, currency)
     select agency_id, id, owner_id, name, 'house', 4, 10000, 5000, 'EUR'
     from jsonb_to_recordset($1) as p(agency_id uuid, id uuid, owner_id uuid, name text)`,
    [JSON.stringify(Object.values(castProperties))],
  )
}
