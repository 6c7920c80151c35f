// Which changes a role may see: those of records that it may read.
import type { Actor } from '../../core/auth/actors.ts'
import { findScope, type Permission } from '../../core/auth/permissions.ts'
import type { EventRecord } from '../../core/events/subscriber.ts'

/** Changes of every other entity are for roles that may read the audit log. */
const permissionsByEntity: Readonly<Record<string, Permission>> = {
  agency: 'agency:read',
  block: 'availability:read',
  booking: 'bookings:read',
  conflict: 'conflicts:read',
  feature: 'features:read',
  guest: 'guests:read',
  hold: 'holds:read',
  photo: 'properties:read',
  property: 'properties:read',
  team_invitation: 'team:read',
  team_member: 'team:read',
}

/** Owners also need the property to be theirs: `listVisibleEntities` are the types that have one. */
const ownedEntities: readonly string[] = ['block', 'booking', 'conflict', 'photo', 'property']

export const seesOwnOnly = ({ role }: Actor): boolean => findScope(role, 'changes:read') === 'own'

/** The entity types whose changes the role may see; undefined means all. */
export function listVisibleEntities(actor: Actor): readonly string[] | undefined {
  if (findScope(actor.role, 'audit:read') === 'all') return undefined
  const entities = Object.keys(permissionsByEntity).filter((entity) => {
    const permission = permissionsByEntity[entity]
    return permission !== undefined && findScope(actor.role, permission) !== undefined
  })
  return seesOwnOnly(actor) ? entities.filter((entity) => ownedEntities.includes(entity)) : entities
}

/** A check for events of the actor's agency. For owners it does not check the property. */
export function createVisibility(actor: Actor): (event: EventRecord) => boolean {
  const entities = listVisibleEntities(actor)
  return ({ type, entity_type }) =>
    type !== null && entity_type !== null && (entities === undefined || entities.includes(entity_type))
}
