// My account: name, language, address, password, and where I am signed in.

import { Trans, useLingui } from '@lingui/react/macro'
import { Alert, Button, PasswordInput, Select, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { fieldProblem } from '../../api/errors.ts'
import { useMe } from '../../api/me.ts'
import { startSession } from '../../api/session.ts'
import { useDays } from '../../locales/days.ts'
import { activateLanguage, type Language } from '../../locales/i18n.ts'
import { offerUndo } from '../../shell/undo.ts'
import { ChangeError } from '../../ui/change-error.tsx'
import { PageHeader } from '../../ui/page-header.tsx'
import { OwnSessions } from './parts/own-sessions.tsx'
import classes from './team.module.css'

export function AccountPage() {
  const days = useDays()
  const { notices } = useMe()
  return (
    <>
      <PageHeader title={<Trans>My account</Trans>} />
      <div className={classes.account}>
        {notices.length > 0 && (
          <Alert
            color="orange"
            style={{ gridColumn: '1 / -1' }}
            title={<Trans>A session was ended for your safety</Trans>}
          >
            {notices.map(({ at, user_agent }) => (
              <div key={at}>
                {days.instant(at)} · {user_agent ?? <Trans>unknown device</Trans>}
              </div>
            ))}
            <Trans>
              Its sign-in was used twice, so it may have been copied. If this was not you, change your password.
            </Trans>
          </Alert>
        )}
        <Profile />
        <Password />
        <Email />
        <OwnSessions />
      </div>
    </>
  )
}

function Profile() {
  const { i18n, t } = useLingui()
  const { user } = useMe()
  const client = useQueryClient()
  const [full_name, setName] = useState(user.full_name)
  const [language, setLanguage] = useState<Language>(user.language ?? (i18n.locale as Language))
  const save = useMutation({
    mutationFn: () => bodyOf(api.PATCH('/api/v1/me', { body: { full_name, language } })),
    onSuccess: async () => {
      await activateLanguage(language)
      offerUndo({ text: t`Saved.` })
      return client.invalidateQueries({ queryKey: ['me'] })
    },
  })
  return (
    <section>
      <h2>
        <Trans>Name and language</Trans>
      </h2>
      <form onSubmit={submitting(save.mutate)}>
        <Stack gap="sm">
          <TextInput
            label={<Trans>Name</Trans>}
            autoComplete="name"
            value={full_name}
            error={fieldProblem(save.error, '/full_name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            label={<Trans>Language of the console and of e-mails</Trans>}
            allowDeselect={false}
            data={[
              { value: 'de', label: 'Deutsch' },
              { value: 'en', label: 'English' },
            ]}
            value={language}
            onChange={(value) => setLanguage(value as Language)}
          />
          <ChangeError error={save.error} />
          <Button
            type="submit"
            style={{ alignSelf: 'start' }}
            loading={save.isPending}
            disabled={full_name.trim() === '' || (full_name === user.full_name && language === user.language)}
          >
            <Trans>Save</Trans>
          </Button>
        </Stack>
      </form>
    </section>
  )
}

const submitting = (run: () => void) => (event: FormEvent) => {
  event.preventDefault()
  run()
}

function Email() {
  const { t } = useLingui()
  const { user } = useMe()
  const client = useQueryClient()
  const [email, setEmail] = useState('')
  const [current_password, setPassword] = useState('')
  const save = useMutation({
    mutationFn: () => bodyOf(api.PATCH('/api/v1/me', { body: { email: email.trim(), current_password } })),
    onSuccess: () => {
      setEmail('')
      setPassword('')
      offerUndo({ text: t`A link is on its way to the new address. It becomes yours when you open it.` })
      return client.invalidateQueries({ queryKey: ['me'] })
    },
  })
  return (
    <section>
      <h2>
        <Trans>E-mail</Trans>
      </h2>
      <p className="dim">
        {user.email}
        {user.pending_email !== null && (
          <>
            {' · '}
            <Trans>{user.pending_email} waits for its confirmation</Trans>
          </>
        )}
      </p>
      <form onSubmit={submitting(save.mutate)}>
        <Stack gap="sm">
          <TextInput
            type="email"
            label={<Trans>New e-mail address</Trans>}
            autoComplete="email"
            value={email}
            error={fieldProblem(save.error, '/email')}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={<Trans>Your password</Trans>}
            autoComplete="current-password"
            value={current_password}
            error={fieldProblem(save.error, '/current_password')}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <ChangeError error={save.error} />
          <Button
            type="submit"
            style={{ alignSelf: 'start' }}
            loading={save.isPending}
            disabled={email.trim() === '' || current_password === ''}
          >
            <Trans>Change the address</Trans>
          </Button>
        </Stack>
      </form>
    </section>
  )
}

function Password() {
  const { t } = useLingui()
  const { user } = useMe()
  const client = useQueryClient()
  const [current_password, setCurrent] = useState('')
  const [new_password, setNew] = useState('')
  const save = useMutation({
    mutationFn: () =>
      bodyOf(api.POST('/api/v1/auth/password', { body: { current_password, new_password, session: 'cookie' } })),
    onSuccess: (pair) => {
      startSession(pair)
      setCurrent('')
      setNew('')
      offerUndo({ text: t`The new password is set. All other sessions have ended.` })
      return client.invalidateQueries({ queryKey: ['team', 'sessions'] })
    },
  })
  return (
    <section>
      <h2>
        <Trans>Password</Trans>
      </h2>
      <form onSubmit={submitting(save.mutate)}>
        <input type="text" name="username" autoComplete="username" value={user.email} readOnly hidden />
        <Stack gap="sm">
          <PasswordInput
            label={<Trans>Present password</Trans>}
            autoComplete="current-password"
            value={current_password}
            error={fieldProblem(save.error, '/current_password')}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <PasswordInput
            label={<Trans>New password</Trans>}
            description={<Trans>12 characters or more</Trans>}
            autoComplete="new-password"
            value={new_password}
            error={fieldProblem(save.error, '/new_password')}
            onChange={(event) => setNew(event.currentTarget.value)}
          />
          <ChangeError error={save.error} />
          <Button
            type="submit"
            style={{ alignSelf: 'start' }}
            loading={save.isPending}
            disabled={current_password === '' || new_password.length < 12}
          >
            <Trans>Change the password</Trans>
          </Button>
        </Stack>
      </form>
    </section>
  )
}
