// The pages of the navigation, in its order, and who has them.
import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import {
  type Icon,
  IconActivity,
  IconCalendar,
  IconChartBar,
  IconFileImport,
  IconHome,
  IconList,
  IconSettings,
  IconSun,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import { useCan } from '../api/me.ts'

export interface Page {
  readonly to: string
  readonly label: MessageDescriptor
  readonly icon: Icon
  /** The permission without which the page is not there. */
  readonly can: string
  /** In the bar of a phone; the others are under "More". */
  readonly on_phone?: true
}

const pages: readonly Page[] = [
  { to: '/today', label: msg`Today`, icon: IconSun, can: 'bookings:read', on_phone: true },
  { to: '/calendar', label: msg`Calendar`, icon: IconCalendar, can: 'availability:read', on_phone: true },
  { to: '/bookings', label: msg`Bookings`, icon: IconList, can: 'bookings:read' },
  { to: '/guests', label: msg`Guests`, icon: IconUsers, can: 'guests:read' },
  { to: '/properties', label: msg`Homes`, icon: IconHome, can: 'properties:read' },
  { to: '/reports', label: msg`Reports`, icon: IconChartBar, can: 'reports:read' },
  { to: '/team', label: msg`Team`, icon: IconUsersGroup, can: 'team:read' },
  { to: '/import', label: msg`Import`, icon: IconFileImport, can: 'imports:write' },
  { to: '/operations', label: msg`Operations`, icon: IconActivity, can: 'ops:read' },
  { to: '/settings', label: msg`Settings`, icon: IconSettings, can: 'agency:read' },
]

/** Pages that are no part of the navigation and have a permission of their own. */
const inner = [
  { to: '/settings/audit-log', can: 'audit:read' },
  { to: '/settings/account', can: undefined },
] as const

/** The permission of the page at this path; undefined if everybody has it. */
export function permissionOf(pathname: string): string | undefined {
  const isAt = ({ to }: { readonly to: string }) => pathname === to || pathname.startsWith(`${to}/`)
  return (inner.find(isAt) ?? pages.find(isAt))?.can
}

/** The pages of the signed-in user. */
export function usePages(): readonly Page[] {
  const can = useCan()
  return pages.filter((page) => can(page.can))
}
