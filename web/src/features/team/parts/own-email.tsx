// My e-mail address. A new one is mine when its link was opened.

import { Trans, useLingui } from '@lingui/react/macro'
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, bodyOf } from '../../../api/client.ts'
import { fieldProblem } from '../../../api/errors.ts'
import { useMe } from '../../../api/me.ts'
import { offerUndo } from '../../../shell/undo.ts'
import { ChangeError } from '../../../ui/change-error.tsx'
import { isWrongPassword, submitting } from './account-forms.ts'

export function OwnEmail() {
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
  const is_wrong = isWrongPassword(save.error)
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
            error={is_wrong ? t`The password is wrong.` : fieldProblem(save.error, '/current_password')}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <ChangeError error={is_wrong ? null : save.error} />
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
