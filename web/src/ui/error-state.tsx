// What a screen shows when its data could not be read: why, and a button that tries again.
import { useLingui } from '@lingui/react'
import { Trans } from '@lingui/react/macro'
import { Button, Text } from '@mantine/core'
import { ApiError, errorSentence } from '../api/errors.ts'
import { EmptyState } from './empty-state.tsx'

interface Props {
  readonly error: unknown
  readonly retry?: () => void
}

export function ErrorState({ error, retry }: Props) {
  const { i18n } = useLingui()
  const request_id = error instanceof ApiError && error.status >= 500 ? error.request_id : undefined
  return (
    <div role="alert">
      <EmptyState
        title={<Trans>This could not be loaded</Trans>}
        action={
          retry !== undefined && (
            <Button variant="default" onClick={retry}>
              <Trans>Try again</Trans>
            </Button>
          )
        }
      >
        {errorSentence(i18n, error)}
        {request_id !== undefined && (
          <Text size="xs" c="dimmed" mt={4}>
            <Trans>Request: {request_id}</Trans>
          </Text>
        )}
      </EmptyState>
    </div>
  )
}
