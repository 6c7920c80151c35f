// A new password. It ends all other sessions.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, PasswordInput, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { fieldProblem } from '../../../api/errors.ts'
import { useMe } from '../../../api/me.ts'
import { startSession } from '../../../api/session.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { isWrongPassword, submitting } from './account-forms.ts'

export function OwnPassword() {
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
  const is_wrong = isWrongPassword(save.error)
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
            error={is_wrong ? t`The password is wrong.` : fieldProblem(save.error, '/current_password')}
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
          <ChangeError error={is_wrong ? null : save.error} />
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
