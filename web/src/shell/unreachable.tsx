// When the service does not answer the first request of the page.
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useEffect } from 'react'
import { refreshSession } from '../api/session.ts'
import { EmptyState } from '../ui/empty-state.tsx'

const retry_ms = 3000

export function Unreachable() {
  useEffect(() => {
    const timer = setInterval(() => void refreshSession(), retry_ms)
    return () => clearInterval(timer)
  }, [])
  return (
    <EmptyState
      title={<Trans>The service is not available</Trans>}
      action={
        <Button onClick={() => void refreshSession()}>
          <Trans>Try again</Trans>
        </Button>
      }
    >
      <Trans>This page tries again every few seconds.</Trans>
    </EmptyState>
  )
}
