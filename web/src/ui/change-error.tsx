// Why a change was refused, beside the form that asked for it.
import { useLingui } from '@lingui/react/macro'
import { Alert } from '@mantine/core'
import { errorSentence } from '../api/errors.ts'
import { conflictSentence } from '../features/availability/explain.ts'

export function ChangeError({ error }: { readonly error: unknown }) {
  const { i18n } = useLingui()
  if (error === null || error === undefined) return null
  return (
    <Alert color="red" role="alert" p="xs" mt="xs">
      {conflictSentence(i18n, error) ?? errorSentence(i18n, error)}
    </Alert>
  )
}
