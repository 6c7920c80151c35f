// Who plays in the tests: one agency with everybody in it, a second one with an outsider, one person in both.
import type { Role } from '../src/core/auth.ts'

const id = (kind: number, n: number) => `0000000${kind}-0000-7000-8000-${String(n).padStart(12, '0')}`

export const north = id(1, 1)
export const south = id(1, 2)

export interface Player {
  readonly user_id: string
  readonly email: string
  readonly memberships: readonly { readonly agency_id: string; readonly role: Role; readonly is_active: boolean }[]
}

function player(
  n: number,
  name: string,
  ...memberships: [agency_id: string, role: Role, is_active?: boolean][]
): Player {
  return {
    user_id: id(2, n),
    email: `${name}@example.com`,
    memberships: memberships.map(([agency_id, role, is_active = true]) => ({ agency_id, role, is_active })),
  }
}

export const players = {
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
  roamer: player(9, 'roamer', [north, 'staff'], [south, 'manager']),
} as const
export type PlayerName = keyof typeof players

/** Everybody's password, and its argon2id hash (m=19 MiB, t=2, p=1). */
export const password = 'correct horse battery'
const passwordHash = '$argon2id$v=19$m=19456,t=2,p=1$Svz7YcyhwAbLEJ3Sz6bGhQ$YYDdBD7L5IQVdmOHbMpEjmZTGUzC/rtcaof0DEn9WYs'

/** Properties of the north agency and their owners, and one of the south. */
export const houses = {
  /** Belongs to `owner`; 4 guests, 100.00 a night, cleaning 50.00. */
  lake: { id: id(3, 1), agency_id: north, owner_id: players.owner.user_id, name: 'Lake House' },
  /** Belongs to `otherOwner`. */
  forest: { id: id(3, 2), agency_id: north, owner_id: players.otherOwner.user_id, name: 'Forest Cabin' },
  /** Belongs to the agency itself. */
  town: { id: id(3, 3), agency_id: north, owner_id: null, name: 'Town Flat' },
  beach: { id: id(3, 4), agency_id: south, owner_id: null, name: 'Beach Villa' },
} as const

interface Connection {
  query(text: string, values?: unknown[]): Promise<unknown>
}

/** Writes the cast as the schema's owner (a superuser in tests, so row-level security does not apply). */
export async function seedCast(connection: Connection): Promise<void> {
  for (const [agency_id, slug] of [
    [north, 'north'],
    [south, 'south'],
  ]) {
    await connection.query('insert into agencies (id, name, slug) values ($1, initcap($2), $2)', [agency_id, slug])
  }
  let n = 0
  for (const { user_id, email, memberships } of Object.values(players)) {
    const name = email.split('@')[0]
    await connection.query('insert into users (id, email, full_name, password_hash) values ($1, $2, $3, $4)', [
      user_id,
      email,
      name,
      passwordHash,
    ])
    for (const { agency_id, role, is_active } of memberships) {
      await connection.query(
        'insert into team_members (agency_id, id, user_id, role, is_active) values ($1, $2, $3, $4, $5)',
        [agency_id, id(4, ++n), user_id, role, is_active],
      )
    }
  }
  for (const { id: house_id, agency_id, owner_id, name } of Object.values(houses)) {
    await connection.query(
      `insert into properties (agency_id, id, owner_id, name, property_type, max_guests, base_price_cents,
        cleaning_fee_cents, currency) values ($1, $2, $3, $4, 'house', 4, 10000, 5000, 'EUR')`,
      [agency_id, house_id, owner_id, name],
    )
  }
}
