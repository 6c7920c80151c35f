// Sign-in with a password, for the sign-in page and for an expired session.
import { useLingui } from '@lingui/react'
import { Trans } from '@lingui/react/macro'
import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { errorSentence } from '../../api/errors.ts'
import { startSession } from '../../api/session.ts'

interface Props {
  /** Of the account that must sign in again; without it the form asks for the address. */
  readonly email?: string
}

export function PasswordForm({ email }: Props) {
  const { i18n } = useLingui()
  const [problem, setProblem] = useState<string>()
  const [is_busy, setBusy] = useState(false)
  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    setBusy(true)
    setProblem(undefined)
    try {
      const body = { email: email ?? textOf(fields, 'email'), password: textOf(fields, 'password') }
      startSession(await bodyOf(api.POST('/api/v1/auth/login', { body: { ...body, session: 'cookie' } })))
    } catch (error) {
      setProblem(errorSentence(i18n, error))
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        <TextInput
          name="email"
          type="email"
          label={<Trans>E-mail</Trans>}
          autoComplete="username"
          required
          withAsterisk={false}
          size="md"
          readOnly={email !== undefined}
          defaultValue={email}
          data-autofocus={email === undefined || undefined}
          autoFocus={email === undefined}
        />
        <PasswordInput
          name="password"
          label={<Trans>Password</Trans>}
          autoComplete="current-password"
          required
          withAsterisk={false}
          size="md"
          data-autofocus={email !== undefined || undefined}
        />
        {problem !== undefined && (
          <Alert color="red" role="alert" p="xs">
            {problem}
          </Alert>
        )}
        <Button type="submit" size="md" loading={is_busy}>
          <Trans>Sign in</Trans>
        </Button>
      </Stack>
    </form>
  )
}

const textOf = (fields: FormData, name: string) => String(fields.get(name) ?? '')
