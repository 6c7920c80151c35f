// The sign-in page.
import { Trans, useLingui } from '@lingui/react/macro'
import { Anchor, Button, Text } from '@mantine/core'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useSyncExternalStore } from 'react'
import { readStatus, subscribeToStatus } from '../../api/session.ts'
import { activateLanguage } from '../../locales/i18n.ts'
import { Logo } from '../../shell/logo.tsx'
import { Unreachable } from '../../shell/unreachable.tsx'
import { PageLoading } from '../../ui/page-loading.tsx'
import { PasswordForm } from './password-form.tsx'
import classes from './sign-in.module.css'

export function SignIn() {
  const { i18n } = useLingui()
  const { next } = useSearch({ from: '/sign-in' })
  const status = useSyncExternalStore(subscribeToStatus, readStatus)
  if (status === 'starting') return <PageLoading />
  if (status === 'unreachable') return <Unreachable />
  if (status === 'signed_in') return <ToPage path={ownPath(next)} />
  const other = i18n.locale === 'de' ? 'en' : 'de'
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Logo size={32} /> Roost
        </div>
        <h1 className={classes.title}>
          <Trans>Sign in</Trans>
        </h1>
        <PasswordForm />
        <Anchor href="/password-reset" size="md" mt="md" display="inline-block">
          <Trans>Forgot your password?</Trans>
        </Anchor>
        <Text size="sm" c="dimmed" mt="md">
          <Trans>Accounts are made by invitation. Ask the admin of your agency.</Trans>
        </Text>
      </div>
      <Button variant="subtle" color="gray" lang={other} onClick={() => void activateLanguage(other)}>
        {other === 'de' ? 'Deutsch' : 'English'}
      </Button>
    </main>
  )
}

function ToPage({ path }: { readonly path: string }) {
  const router = useRouter()
  useEffect(() => router.history.replace(path), [router, path])
  return <PageLoading />
}

/** A path of this console. Anything else, such as the address of another site, leads to Today. */
function ownPath(next = '/today'): string {
  const url = URL.canParse(next, location.origin) ? new URL(next, location.origin) : undefined
  const is_own = url?.origin === location.origin && next.startsWith('/')
  // `/.//evil.example` is a path of this origin that begins with two slashes.
  if (url === undefined || !is_own || /^\/[/\\]/.test(url.pathname) || url.pathname === '/sign-in') return '/today'
  return url.pathname + url.search + url.hash
}
