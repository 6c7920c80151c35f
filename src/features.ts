// The features, in order: each imports only features before it.
import { accountPagesFeature } from './features/account-pages/feature.ts'
import { agencies } from './features/agencies/feature.ts'
import { auditLog } from './features/audit-log/feature.ts'
import { availability } from './features/availability/feature.ts'
import { bookings } from './features/bookings/feature.ts'
import { calendar } from './features/calendar/feature.ts'
import { changes } from './features/changes/feature.ts'
import { channels } from './features/channels/feature.ts'
import { entitlements } from './features/entitlements/feature.ts'
import { guests } from './features/guests/feature.ts'
import { holds } from './features/holds/feature.ts'
import { imports } from './features/imports/feature.ts'
import { ops } from './features/ops/feature.ts'
import { photos } from './features/photos/feature.ts'
import { properties } from './features/properties/feature.ts'
import { reports } from './features/reports/feature.ts'
import { search } from './features/search/feature.ts'
import { team } from './features/team/feature.ts'
import { today } from './features/today/feature.ts'
import { views } from './features/views/feature.ts'
import type { Feature } from './http/feature.ts'

export const features: readonly Feature[] = [
  agencies,
  team,
  accountPagesFeature,
  entitlements,
  properties,
  photos,
  availability,
  guests,
  bookings,
  holds,
  views,
  channels,
  calendar,
  search,
  today,
  reports,
  imports,
  auditLog,
  changes,
  ops,
]
