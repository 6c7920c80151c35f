// The tenant tables with their agency column. A sweep compares this list with the catalog.
export const tenantTables: ReadonlyMap<string, string> = new Map([
  ['agencies', 'id'],
  ['team_members', 'agency_id'],
  ['properties', 'agency_id'],
  ['guests', 'agency_id'],
  ['bookings', 'agency_id'],
  ['occupancies', 'agency_id'],
  ['audit_log', 'agency_id'],
  ['idempotency_keys', 'agency_id'],
  ['agency_features', 'agency_id'],
  ['blocks', 'agency_id'],
  ['holds', 'agency_id'],
  ['team_invitations', 'agency_id'],
  ['audit_seals', 'agency_id'],
])
