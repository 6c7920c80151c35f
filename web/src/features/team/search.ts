// The filters of the list of members, in the address.
import type { Schema } from '../../api/client.ts'

type Role = Schema['Role']
const roles: readonly Role[] = ['admin', 'manager', 'staff', 'owner', 'accountant']

export interface Search {
  readonly q?: string
  readonly role?: Role
  readonly is_active?: boolean
}

/** Drops what is unknown or wrong. */
export function readSearch({ q, role, is_active }: Record<string, unknown>): Search {
  return {
    ...(typeof q === 'string' && q !== '' && { q: q.slice(0, 100) }),
    ...(roles.includes(role as Role) && { role: role as Role }),
    ...(typeof is_active === 'boolean' && { is_active }),
  }
}
