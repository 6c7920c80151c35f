// Roles and THE permission table: who may do what, on one screen. docs/permissions.md is generated from it.
import { ForbiddenError } from '../errors.ts'

export const roles = ['admin', 'manager', 'staff', 'owner', 'accountant'] as const
export type Role = (typeof roles)[number]

/** Whose rows and which columns: the whole agency, own properties only, or the money columns only. */
export type Scope = 'all' | 'own' | 'finance'
type Grants = Readonly<Partial<Record<Role, Scope>>>

export const permissions = {
  'properties:read': { admin: 'all', manager: 'all', staff: 'all', owner: 'own' },
  'properties:create': { admin: 'all', manager: 'all' },
  'properties:update': { admin: 'all', manager: 'all' },
  'properties:delete': { admin: 'all' },
  'bookings:read': { admin: 'all', manager: 'all', staff: 'all', owner: 'own', accountant: 'finance' },
  'bookings:create': { admin: 'all', manager: 'all', staff: 'all' },
  'bookings:update': { admin: 'all', manager: 'all' },
  'bookings:delete': { admin: 'all', manager: 'all' },
  'bookings:transition': { admin: 'all', manager: 'all', staff: 'all' },
  'bookings:cancel': { admin: 'all', manager: 'all' },
  'bookings:history': { admin: 'all', manager: 'all' },
  'availability:read': { admin: 'all', manager: 'all', staff: 'all', owner: 'own', accountant: 'all' },
  'blocks:write': { admin: 'all', manager: 'all', owner: 'own' },
  'holds:read': { admin: 'all', manager: 'all', staff: 'all' },
  'holds:write': { admin: 'all', manager: 'all', staff: 'all' },
  'guests:read': { admin: 'all', manager: 'all', staff: 'all' },
  'guests:write': { admin: 'all', manager: 'all', staff: 'all' },
  'guests:erase': { admin: 'all' },
  'team:read': { admin: 'all', manager: 'all' },
  'team:write': { admin: 'all' },
  'agency:read': { admin: 'all', manager: 'all', staff: 'all', owner: 'all', accountant: 'all' },
  'agency:update': { admin: 'all' },
  'features:read': { admin: 'all' },
  'audit:read': { admin: 'all' },
  'ops:read': { admin: 'all' },
} as const satisfies Record<string, Grants>

export type Permission = keyof typeof permissions

/** Whoever acts inside one agency. `operator` is the command line of the deployment: no token ever carries it. */
export interface Actor {
  readonly agency_id: string
  readonly role: Role | 'operator'
  readonly user_id: string | null
  readonly request_id?: string
  /** Only of requests. */
  readonly request?: RequestContext
}

/** What a request brings along: what its access rests on, and whether anybody still waits for its answer. */
export interface RequestContext {
  /** By performance.now: when the membership was last known to be as the actor says. */
  readonly verified_at: number
  /** What the token says, for tokens of ours: raising the person's generation ends them. */
  readonly token_generation: number | null
  /** The session that the token was issued for, if it was: its end ends the token. */
  readonly session_id: string | null
  /** Aborted when the client closes its connection. */
  readonly signal: AbortSignal
}

export function isRole(value: unknown): value is Role {
  return roles.some((role) => role === value)
}

/** Whether the user has exactly this role in the agency. No user, no membership or an inactive one: false. */
export function hasRole(
  user: { readonly role?: unknown; readonly is_active?: boolean } | undefined,
  role: Role,
): boolean {
  return user !== undefined && user.is_active !== false && isRole(user.role) && user.role === role
}

/** A check that throws ForbiddenError unless the user has one of the roles. An empty list lets nobody in. */
export function requireRole(...allowed: readonly Role[]) {
  return (user: Parameters<typeof hasRole>[0]): void => {
    if (!allowed.some((role) => hasRole(user, role))) throw new ForbiddenError()
  }
}

/** The roles that hold a permission, in the table's order. */
export function rolesWith(permission: Permission): Role[] {
  const grants: Grants = permissions[permission]
  return roles.filter((role) => grants[role] !== undefined)
}

/** What a role holds, with its scope; GET /api/v1/me and the owner and accountant projections use it. */
export function scopeOf(role: Actor['role'], permission: Permission): Scope | undefined {
  const grants: Grants = permissions[permission]
  return role === 'operator' ? 'all' : grants[role]
}

export function permissionsOf(role: Role): Partial<Record<Permission, Scope>> {
  const held = Object.keys(permissions).map((name) => [name, scopeOf(role, name as Permission)] as const)
  return Object.fromEntries(held.filter(([, scope]) => scope !== undefined))
}
