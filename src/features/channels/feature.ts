// What the feature channels declares.
import type { Feature } from '../../http/feature.ts'
import { channelRoutes } from './routes.ts'

export const channels: Feature = {
  name: 'channels',
  routes: channelRoutes,
  permissions: ['conflicts:read'],
  errors: ['CONFLICT_NOT_FOUND', 'CURSOR_INVALID'],
  events: {
    'conflict.created':
      'A channel has sold a stay that does not fit into the calendar, or contradicts a change of the office.',
    'conflict.updated': 'The channel says something else about a stay in conflict, or something else has the nights.',
    'conflict.resolved': 'A stay in conflict is in the calendar, or the channel no longer sells it.',
  },
  tables: ['booking_conflicts', 'channel_bookings'],
}
