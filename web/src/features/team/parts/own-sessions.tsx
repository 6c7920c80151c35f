// The devices on which I am signed in; each can be signed out.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, Group, Skeleton } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf, type Schema } from '../../../api/client.ts'
import { errorSentence } from '../../../api/errors.ts'
import { forgetSession } from '../../../api/session.ts'
import { useDays } from '../../../locales/days.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ErrorState } from '../../../ui/error-state.tsx'
import classes from '../team.module.css'

/** The latest ones. A browser that is never signed out stays in the list for weeks. */
const first_shown = 5

const endSession = (id: string) => api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } })

export function OwnSessions() {
  const { i18n, t } = useLingui()
  const client = useQueryClient()
  const { data, error, refetch } = useQuery({
    queryKey: ['team', 'sessions'],
    queryFn: ({ signal }) => bodyOf(api.GET('/api/v1/me/sessions', { signal })),
  })
  const [is_whole, setWhole] = useState(false)
  const open = data?.items.filter(({ ended_at }) => ended_at === null) ?? []
  const others = open.filter(({ is_current }) => !is_current)
  const end_others = useMutation({
    mutationFn: () => Promise.all(others.map(({ id }) => endSession(id))),
    onError: (failure) => offerUndo({ text: errorSentence(i18n, failure) }),
    onSuccess: () => offerUndo({ text: t`You are signed out everywhere else.` }),
    onSettled: () => client.invalidateQueries({ queryKey: ['team', 'sessions'] }),
  })
  const everywhere = useMutation({
    mutationFn: () => api.POST('/api/v1/auth/logout-everywhere'),
    onError: (failure) => offerUndo({ text: errorSentence(i18n, failure) }),
    onSuccess: () => {
      forgetSession()
      client.clear()
    },
  })
  return (
    <section>
      <h2>
        <Trans>Where you are signed in</Trans>
      </h2>
      {error !== null && <ErrorState error={error} retry={() => void refetch()} />}
      {data === undefined && error === null && <Skeleton height={80} />}
      {open.slice(0, is_whole ? open.length : first_shown).map((session) => (
        <Session key={session.id} session={session} />
      ))}
      {open.length > first_shown && !is_whole && (
        <Button variant="subtle" size="xs" mt="xs" onClick={() => setWhole(true)}>
          <Trans>Show all {open.length}</Trans>
        </Button>
      )}
      <Group gap="xs" mt="sm">
        {others.length > 0 && (
          <Button variant="default" loading={end_others.isPending} onClick={() => end_others.mutate()}>
            <Trans>Sign out everywhere else</Trans>
          </Button>
        )}
        <Button variant="default" loading={everywhere.isPending} onClick={() => everywhere.mutate()}>
          <Trans>Sign out everywhere, also here</Trans>
        </Button>
      </Group>
    </section>
  )
}

function Session({ session: { id, user_agent, is_current, used_at } }: { readonly session: Schema['Session'] }) {
  const { i18n, t } = useLingui()
  const days = useDays()
  const client = useQueryClient()
  const end = useMutation({
    mutationFn: () => endSession(id),
    onError: (error) => offerUndo({ text: errorSentence(i18n, error) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['team', 'sessions'] }),
  })
  return (
    <div className={classes.session}>
      <div>
        {deviceOf(user_agent) ?? t`unknown device`}
        <div className="dim">
          {is_current ? <Trans>This one</Trans> : <Trans>Last used {days.instant(used_at)}</Trans>}
        </div>
      </div>
      {!is_current && (
        <Button size="xs" variant="default" loading={end.isPending} onClick={() => end.mutate()}>
          <Trans>Sign out</Trans>
        </Button>
      )}
    </div>
  )
}

const browsers = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari', 'curl']
const systems = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux']
const shown: Readonly<Record<string, string>> = { Edg: 'Edge', OPR: 'Opera', 'Mac OS': 'macOS' }

/** `Firefox · Windows`; the whole text of a client that is none of these. */
function deviceOf(user_agent: string | null): string | undefined {
  if (user_agent === null) return undefined
  const found = [browsers, systems].flatMap((list) => list.find((name) => user_agent.includes(name)) ?? [])
  return found.length === 0 ? user_agent.slice(0, 60) : found.map((name) => shown[name] ?? name).join(' · ')
}
