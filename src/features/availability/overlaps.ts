// Names the bookings, blocks and holds that have the nights of a stay, as far as the caller may read them.
import sql from 'sql-template-tag'
import { findScope, type Permission } from '../../core/auth/permissions.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { type NeighbourWithId, type Stay, visibleProperties } from './context.ts'
import { hasNightIn, isCurrent } from './occupancies.ts'
import type { Neighbour } from './rules.ts'

/** The permission needed to see the id of an occupant. */
const readPermissions: Readonly<Partial<Record<Neighbour['kind'], Permission>>> = {
  booking: 'bookings:read',
  block: 'availability:read',
  hold: 'holds:read',
}

export function canRead(tx: Tx, kind: Neighbour['kind']): boolean {
  const permission = readPermissions[kind]
  return permission !== undefined && findScope(tx.actor.role, permission) !== undefined
}

/** An entry of `meta.conflicts`. Without id and reference where the caller may not read the occupant. */
export interface Overlap extends Neighbour {
  readonly id?: string
  /** Of a booking. */
  readonly reference?: string
}

/** How many occupancies an error names. */
const max_overlaps = 5

export interface NamedOverlaps {
  readonly message: string
  readonly conflicts: readonly Overlap[]
}

/**
 * Names what has the nights. `neighbour` is one of the overlapping occupancies; the others are read here, so a stay that is
 * possible costs no statement.
 */
export async function nameOverlaps(
  tx: Tx,
  stay: Stay,
  { kind, check_in, check_out }: Neighbour,
  except?: string,
): Promise<NamedOverlaps> {
  const found = await readOverlaps(tx, stay, except)
  // Nothing is found when the nights became free between the two statements.
  const conflicts = found.length === 0 ? [{ kind, check_in, check_out }] : found.slice(0, max_overlaps)
  return { message: overlapMessage(conflicts, found.length > max_overlaps), conflicts }
}

/** By first night; one more than the error names. */
async function readOverlaps(tx: Tx, stay: Stay, except: string | undefined): Promise<Overlap[]> {
  const { property_id, check_in, check_out } = stay
  const occupant_id = sql`coalesce(o.booking_id, o.hold_id, o.block_id)`
  const rows = await tx.query<NeighbourWithId & { reference: string | null }>(sql`
    select o.kind, o.check_in, o.check_out, ${occupant_id} as id, b.reference
    from occupancies o
    join properties p on p.agency_id = o.agency_id and p.id = o.property_id
    join agencies a on a.id = p.agency_id
    left join bookings b on b.agency_id = o.agency_id and b.id = o.booking_id
    where o.agency_id = ${tx.agency_id} and o.property_id = ${property_id}
      and ${hasNightIn(check_in, check_out)} and ${visibleProperties(tx)}
      and ${isCurrent}
      and (${except ?? null}::uuid is null or ${occupant_id} is distinct from ${except ?? null}::uuid)
    order by o.check_in limit ${max_overlaps + 1}`)
  return rows.map(({ id, reference, ...dates }) => ({
    ...dates,
    ...(canRead(tx, dates.kind) && { ...(id !== null && { id }), ...(reference !== null && { reference }) }),
  }))
}

/** These nights are taken by booking ABC123 (2031-05-10 to 2031-05-13) and a block (2031-05-13 to 2031-05-20). */
export function overlapMessage(overlaps: readonly Overlap[], has_more: boolean): string {
  const named = overlaps.map(({ kind, reference, check_in, check_out }) => {
    const name = reference === undefined ? `a ${kind}` : `${kind} ${reference}`
    return `${name} (${check_in} to ${check_out})`
  })
  const all = has_more ? [...named, 'others'] : named
  const last = all.at(-1)
  const list = all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${last}` : last
  return `These nights are taken by ${list}.`
}
