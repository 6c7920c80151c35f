// The frame of every page: navigation, banner of the connection, the session, changes made elsewhere, undo.
import { useSuspenseQuery } from '@tanstack/react-query'
import { Outlet, useLocation, useRouter } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useSyncExternalStore } from 'react'
import { followChanges } from '../api/live.ts'
import { type Me, meQuery, useCan } from '../api/me.ts'
import { refreshOnChanges } from '../api/query-client.ts'
import { readStatus, subscribeToStatus } from '../api/session.ts'
import { hasChosenLanguage, showLanguage } from '../locales/i18n.ts'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { PageLoading } from '../ui/page-loading.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { Navigation } from './navigation.tsx'
import { NoAgency } from './no-agency.tsx'
import { NotAllowed } from './not-allowed.tsx'
import { useOverlay } from './overlays.ts'
import { permissionOf } from './pages.ts'
import { usePaletteKey, usePaletteOpen } from './palette-state.ts'
import { SessionExpired } from './session-expired.tsx'
import classes from './shell.module.css'
import { ShortcutHelp } from './shortcut-help.tsx'
import { UndoBar } from './undo-bar.tsx'
import { Unreachable } from './unreachable.tsx'

const Overlays = lazy(async () => ({ default: (await import('../features/bookings/overlays.tsx')).Overlays }))
const Palette = lazy(async () => ({ default: (await import('../features/search/palette.tsx')).Palette }))

export function Shell() {
  const status = useSyncExternalStore(subscribeToStatus, readStatus)
  if (status === 'starting') return <PageLoading />
  if (status === 'unreachable') return <Unreachable />
  if (status === 'signed_out') return <ToSignIn />
  return (
    <ErrorBoundary>
      <Suspense fallback={<PageLoading />}>
        <Frame />
        {status === 'expired' && <SessionExpired />}
      </Suspense>
    </ErrorBoundary>
  )
}

/** Goes to the sign-in page once, and remembers where somebody wanted to go. */
function ToSignIn() {
  const router = useRouter()
  useEffect(() => {
    const { href } = router.latestLocation
    void router.navigate({ to: '/sign-in', search: href === '/' ? {} : { next: href }, replace: true })
  }, [router])
  return null
}

/** In a browser where nobody has chosen a language yet, that of the account. */
function useLanguageOf(language: Me['user']['language']): void {
  useEffect(() => {
    if (language !== null && !hasChosenLanguage()) void showLanguage(language)
  }, [language])
}

function Frame() {
  const { data: me } = useSuspenseQuery(meQuery)
  const { agency_id } = me
  useLanguageOf(me.user.language)
  useEffect(() => {
    if (agency_id === null) return
    const controller = new AbortController()
    followChanges(agency_id, controller.signal)
    const stop = refreshOnChanges()
    return () => {
      stop()
      controller.abort()
    }
  }, [agency_id])
  const overlay = useOverlay()
  const is_palette_open = usePaletteOpen()
  usePaletteKey()
  if (agency_id === null) return <NoAgency />
  return (
    <>
      <div className={classes.frame}>
        <Navigation />
        <div className={classes.page}>
          <ConnectionBanner />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keys. */}
          <main className={classes.main} id="main" tabIndex={0}>
            <ErrorBoundary key={agency_id}>
              <Suspense fallback={<PageLoading />}>
                <Content />
              </Suspense>
            </ErrorBoundary>
          </main>
        </div>
      </div>
      <ErrorBoundary key={overlay.id ?? overlay.over ?? ''}>
        <Suspense>
          {overlay.over !== undefined && <Overlays />}
          {is_palette_open && <Palette />}
        </Suspense>
      </ErrorBoundary>
      <UndoBar />
      <ShortcutHelp />
    </>
  )
}

/** The page, unless the role does not have it. */
function Content() {
  const permission = permissionOf(useLocation({ select: ({ pathname }) => pathname }))
  const can = useCan()
  return permission === undefined || can(permission) ? <Outlet /> : <NotAllowed />
}
