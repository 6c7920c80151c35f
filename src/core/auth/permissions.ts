// Roles and the permission table. docs/permissions.md is generated from it.
import { ForbiddenError } from '../errors.ts'

export const roles = ['admin', 'manager', 'staff', 'owner', 'accountant'] as const
export type Role = (typeof roles)[number]

/** The role of an actor: of a membership, or `operator` for commands and jobs. No token carries it. */
export type ActorRole = Role | 'operator'

/** all: every row of the agency. own: the caller's own properties and their bookings. finance: money columns only. */
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
  'conflicts:read': { admin: 'all', manager: 'all', staff: 'all', owner: 'own' },
  'guests:read': { admin: 'all', manager: 'all', staff: 'all' },
  'guests:write': { admin: 'all', manager: 'all', staff: 'all' },
  'guests:erase': { admin: 'all' },
  'team:read': { admin: 'all', manager: 'all' },
  'team:write': { admin: 'all' },
  'agency:read': { admin: 'all', manager: 'all', staff: 'all', owner: 'all', accountant: 'all' },
  'agency:update': { admin: 'all' },
  'views:write': { admin: 'all', manager: 'all', staff: 'all', owner: 'all', accountant: 'all' },
  'imports:write': { admin: 'all' },
  'reports:read': { admin: 'all', manager: 'all', owner: 'own', accountant: 'all' },
  'changes:read': { admin: 'all', manager: 'all', staff: 'all', owner: 'own', accountant: 'all' },
  'features:read': { admin: 'all' },
  'audit:read': { admin: 'all' },
  'ops:read': { admin: 'all' },
} as const satisfies Record<string, Grants>

export type Permission = keyof typeof permissions

export function isRole(value: unknown): value is Role {
  return roles.some((role) => role === value)
}

/** Whether the user has exactly this role in the agency. False without a user, without a role, or when inactive. */
export function hasRole(
  user: { readonly role?: unknown; readonly is_active?: boolean } | undefined,
  role: Role,
): boolean {
  return user !== undefined && user.is_active !== false && isRole(user.role) && user.role === role
}

/** Returns a check that throws ForbiddenError, which names the roles, unless the user has one. An empty list refuses everybody. */
export function requireRole(...allowed: readonly Role[]) {
  const message = `Your role does not allow this. Allowed roles: ${allowed.join(', ')}.`
  const refusal = allowed.length === 0 ? {} : { message, meta: { roles: allowed } }
  return (user: Parameters<typeof hasRole>[0]): void => {
    if (!allowed.some((role) => hasRole(user, role))) throw new ForbiddenError(refusal)
  }
}

/** The roles that have a permission, in the order of `roles`. */
export function listRolesWith(permission: Permission): Role[] {
  const grants: Grants = permissions[permission]
  return roles.filter((role) => grants[role] !== undefined)
}

/** The scope of a permission for a role; undefined when the role does not have it. */
export function findScope(role: ActorRole, permission: Permission): Scope | undefined {
  const grants: Grants = permissions[permission]
  return role === 'operator' ? 'all' : grants[role]
}

/** The permissions of a role with their scopes. */
export function listPermissions(role: Role): Partial<Record<Permission, Scope>> {
  const scopes = Object.keys(permissions).map((name) => [name, findScope(role, name as Permission)] as const)
  return Object.fromEntries(scopes.filter(([, scope]) => scope !== undefined))
}
