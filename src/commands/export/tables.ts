// Which tables of an agency `roost export` writes, and why others are left out.

export interface ExportedTable {
  readonly table: string
  /** The name of the files: `bookings` for bookings.csv and bookings.json. */
  readonly file: string
  readonly about: string
  /** Columns that are left out, because they are secrets or of no use elsewhere. */
  readonly omit?: readonly string[]
}

/** In the order of the README. */
export const exportedTables: readonly ExportedTable[] = [
  { table: 'agencies', file: 'agency', about: 'The agency and its settings.' },
  { table: 'team_members', file: 'members', about: 'People with their role, also former ones. No passwords.' },
  {
    table: 'team_invitations',
    file: 'invitations',
    about: 'Invitations, open and past. Their links are not included.',
    omit: ['token_hash'],
  },
  { table: 'actors', file: 'actors', about: 'Who can be named as the author of a change: people, jobs, the operator.' },
  {
    table: 'properties',
    file: 'properties',
    about: 'Homes that are let, with their rules for stays. Deleted ones too.',
  },
  {
    table: 'property_photos',
    file: 'photos',
    about: 'What is known about the pictures of homes. The pictures themselves are in the media store.',
  },
  { table: 'guests', file: 'guests', about: 'Guests with contact data, as far as they were not erased.' },
  {
    table: 'bookings',
    file: 'bookings',
    about: 'Stays with status, dates and amounts. Cancelled and deleted ones too.',
  },
  { table: 'blocks', file: 'blocks', about: 'Nights that cannot be booked: maintenance, use by the owner.' },
  { table: 'holds', file: 'holds', about: 'Nights that were reserved for some minutes.' },
  { table: 'occupancies', file: 'occupied_nights', about: 'Which nights of which property are taken, and by what.' },
  { table: 'channel_bookings', file: 'channel_bookings', about: 'What a channel last said about an imported booking.' },
  {
    table: 'booking_conflicts',
    file: 'booking_conflicts',
    about: 'Stays that a channel has sold although the nights were taken.',
  },
  {
    table: 'listing_aliases',
    file: 'listing_names',
    about: 'Names of listings in imported files, and their property.',
  },
  { table: 'saved_views', file: 'saved_views', about: 'Filters of lists that members saved under a name.' },
  { table: 'agency_features', file: 'features', about: 'Optional features of the agency.' },
  {
    table: 'audit_log',
    file: 'audit_log',
    about: 'Every change: who, when, what, before and after.',
    omit: ['xact_id'],
  },
  { table: 'audit_seals', file: 'audit_seals', about: 'The number and the hash of each entry of the audit log.' },
]

export const leftOut: Readonly<Record<string, string>> = {
  account_tokens: 'secrets of links to set a password or confirm an address',
  event_cursors: 'internal: the positions of background jobs',
  event_dead_letters: 'internal: deliveries that failed in this deployment',
  idempotency_keys: 'copies of responses, kept for a day',
  mail_messages: 'messages contain secret links; what happened is in the audit log',
}
