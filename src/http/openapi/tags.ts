// The groups of operations in the document, with their descriptions.

export const tags = [
  { name: 'agency', description: 'The settings and the optional features of your agency.' },
  { name: 'team', description: 'Sign-in, your account and sessions, and the members and invitations of your agency.' },
  { name: 'properties', description: 'What can be booked, with its booking rules.' },
  { name: 'photos', description: 'Pictures of properties, in several sizes.' },
  { name: 'availability', description: 'Free and taken nights, the rules for a stay, and blocks.' },
  { name: 'guests', description: 'The people who stay, and their right to access and erasure.' },
  { name: 'bookings', description: 'Stays of guests in a property, from the inquiry to the departure.' },
  {
    name: 'conflicts',
    description: 'Stays that a channel has sold and that are not in the calendar as the channel says.',
  },
  { name: 'imports', description: 'Files of channels and other systems.' },
  { name: 'holds', description: 'Nights that are reserved for some minutes while a guest decides.' },
  { name: 'search', description: 'Free properties for a stay, and one search over bookings, guests and properties.' },
  { name: 'figures', description: 'The day at the desk, and reports with occupancy and revenue.' },
  { name: 'changes', description: 'What changed, as pages or as a stream, to keep a copy up to date.' },
  { name: 'audit log', description: 'Who changed what and when, as a chain that shows every later edit.' },
  { name: 'ops', description: 'Health probes, and what the operator checks.' },
] as const
