// Optional features: enabled per deployment (MODULES_ENABLED) and per agency (agency_features).
import sql from 'sql-template-tag'
import type { Module } from '../config.ts'
import type { Tx } from './postgres/transaction.ts'

/** A description of each feature for the operator. */
export const featureDescriptions: Readonly<Record<Module, string>> = {
  channel_sync: 'Calendars and bookings of Airbnb, Booking.com and others (phase 4 of the roadmap).',
  direct_booking: 'Guests book on the agency’s own website (phase 5 of the roadmap).',
  owner_portal: 'Statements and documents for owners (phase 5 of the roadmap).',
}

/** Whether the deployment has the feature. `*` in MODULES_ENABLED means all features. */
export function isInDeployment(enabled: readonly string[], feature: Module): boolean {
  return enabled.includes('*') || enabled.includes(feature)
}

/** Whether the feature is enabled for the agency; false without a row. */
export async function isEnabled(tx: Tx, feature: Module): Promise<boolean> {
  const row = await tx.maybe(sql`
    select f.id from agency_features f
    where f.agency_id = ${tx.agency_id} and f.feature_name = ${feature} and f.is_enabled`)
  return row !== undefined
}
