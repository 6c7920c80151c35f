// All pages: the table of contents of the console. Their code is loaded when they are opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { readSearch as auditSearch } from './features/audit-log/search.ts'
import { readSearch as bookingsSearch } from './features/bookings/search.ts'
import { readSearch as calendarSearch } from './features/calendar/search.ts'
import { readSearch as guestsSearch } from './features/guests/search.ts'
import { readSearch as propertiesSearch } from './features/properties/search.ts'
import { readSearch as reportsSearch } from './features/reports/search.ts'
import { readSearch as teamSearch } from './features/team/search.ts'
import { readSearch as todaySearch } from './features/today/search.ts'
import { readOverlay } from './shell/overlays.ts'
import { Shell } from './shell/shell.tsx'
import { NotFound } from './ui/not-found.tsx'
import { PageError } from './ui/page-error.tsx'
import { PageLoading } from './ui/page-loading.tsx'

const root = createRootRoute({ notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (given: Record<string, unknown>) => (typeof given.next === 'string' ? { next: given.next } : {}),
  component: lazyRouteComponent(() => import('./features/team/sign-in.tsx'), 'SignIn'),
})

const shell = createRoute({ getParentRoute: () => root, id: 'shell', validateSearch: readOverlay, component: Shell })
const inShell = { getParentRoute: () => shell } as const

const home = createRoute({
  ...inShell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/today', replace: true })
  },
})
const today = createRoute({
  ...inShell,
  path: '/today',
  validateSearch: todaySearch,
  component: lazyRouteComponent(() => import('./features/today/today.tsx'), 'TodayPage'),
})
const calendar = createRoute({
  ...inShell,
  path: '/calendar',
  validateSearch: calendarSearch,
  component: lazyRouteComponent(() => import('./features/calendar/calendar.tsx'), 'CalendarPage'),
})
const bookings = createRoute({
  ...inShell,
  path: '/bookings',
  validateSearch: bookingsSearch,
  component: lazyRouteComponent(() => import('./features/bookings/bookings.tsx'), 'BookingsPage'),
})
const guests = createRoute({
  ...inShell,
  path: '/guests',
  validateSearch: guestsSearch,
  component: lazyRouteComponent(() => import('./features/guests/guests.tsx'), 'GuestsPage'),
})
const guest = createRoute({
  ...inShell,
  path: '/guests/$id',
  component: lazyRouteComponent(() => import('./features/guests/guest.tsx'), 'GuestPage'),
})
const properties = createRoute({
  ...inShell,
  path: '/properties',
  validateSearch: propertiesSearch,
  component: lazyRouteComponent(() => import('./features/properties/properties.tsx'), 'PropertiesPage'),
})
const property = createRoute({
  ...inShell,
  path: '/properties/$id',
  component: lazyRouteComponent(() => import('./features/properties/property.tsx'), 'PropertyPage'),
})
const reports = createRoute({
  ...inShell,
  path: '/reports',
  validateSearch: reportsSearch,
  component: lazyRouteComponent(() => import('./features/reports/reports.tsx'), 'ReportsPage'),
})
const team = createRoute({
  ...inShell,
  path: '/team',
  validateSearch: teamSearch,
  component: lazyRouteComponent(() => import('./features/team/team.tsx'), 'TeamPage'),
})
const settings = createRoute({
  ...inShell,
  path: '/settings',
  component: lazyRouteComponent(() => import('./features/agencies/settings.tsx'), 'SettingsPage'),
})
const account = createRoute({
  ...inShell,
  path: '/settings/account',
  component: lazyRouteComponent(() => import('./features/team/account.tsx'), 'AccountPage'),
})
const auditLog = createRoute({
  ...inShell,
  path: '/settings/audit-log',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./features/audit-log/audit-log.tsx'), 'AuditLogPage'),
})
const imports = createRoute({
  ...inShell,
  path: '/import',
  component: lazyRouteComponent(() => import('./features/imports/import.tsx'), 'ImportPage'),
})
const operations = createRoute({
  ...inShell,
  path: '/operations',
  component: lazyRouteComponent(() => import('./features/ops/operations.tsx'), 'OperationsPage'),
})

const tree = root.addChildren([
  signIn,
  shell.addChildren([
    home,
    today,
    calendar,
    bookings,
    guests,
    guest,
    properties,
    property,
    reports,
    team,
    settings,
    account,
    auditLog,
    imports,
    operations,
  ]),
])

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultErrorComponent: PageError,
  defaultPendingComponent: PageLoading,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
