// Optional features: whether this deployment has them (MODULES_ENABLED), and whether an agency is entitled to them.
import sql from 'sql-template-tag'
import { type Module, modules } from '../config.ts'
import type { Tx } from './postgres/transaction.ts'

/** What each is, for those who switch it on. */
export const featureDescriptions: Readonly<Record<Module, string>> = {
  channel_sync: 'Calendars and bookings of Airbnb, Booking.com and others (phase 4 of the roadmap).',
  direct_booking: 'Guests book on the agency’s own website (phase 5 of the roadmap).',
  owner_portal: 'Statements and documents for owners (phase 5 of the roadmap).',
}

export function isModule(name: string): name is Module {
  return modules.some((module) => module === name)
}

/** Whether the deployment has it at all: `*` in MODULES_ENABLED is every one. */
export function isInDeployment(enabled: readonly string[], feature: Module): boolean {
  return enabled.includes('*') || enabled.includes(feature)
}

/** Whether the agency is entitled to it. No row: it is not. */
export async function isEnabled(tx: Tx, feature: Module): Promise<boolean> {
  const row = await tx.maybe(sql`
    select f.id from agency_features f
    where f.agency_id = ${tx.agency_id} and f.feature_name = ${feature} and f.is_enabled`)
  return row !== undefined
}
