// Whether database, background work and Redis are there. Needs no token, so it also answers when the database does not.
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { readHealth } from '../health.ts'
import { Card, Line, type State } from './card.tsx'

/** `disabled` is a choice of the operator. */
function stateOf(value: string): State {
  if (value === 'ok' || value === 'disabled') return 'ok'
  return value === 'starting' ? 'warning' : 'error'
}

export function HealthCard({ interval_ms }: { readonly interval_ms: number }) {
  const query = useQuery({
    queryKey: ['operations', 'health'],
    queryFn: ({ signal }) => readHealth(signal),
    refetchInterval: interval_ms,
  })
  const { data } = query
  return (
    <Card title={<Trans>Service</Trans>} query={query}>
      {data !== undefined && (
        <>
          <Line
            state={stateOf(data.checks.db)}
            name={<Trans>Database</Trans>}
            advice={
              <Trans>
                It does not respond, so nothing can be read or changed. Look whether the database server runs;{' '}
                <code>roost doctor</code> says what is wrong with it.
              </Trans>
            }
          />
          <Line
            state={stateOf(data.checks.worker)}
            name={<Trans>Background work</Trans>}
            advice={
              data.checks.worker === 'starting' ? (
                <Trans>It starts within a minute.</Trans>
              ) : (
                <Trans>
                  E-mails, expired holds and events wait until it runs again. Start the service again, or{' '}
                  <code>roost worker</code> where it runs on its own.
                </Trans>
              )
            }
          />
          <Line
            state={data.checks.redis === 'error' ? 'warning' : 'ok'}
            name="Redis"
            advice={<Trans>Each process counts its rate limits on its own until Redis responds again.</Trans>}
          >
            {data.checks.redis === 'disabled' ? <Trans>not used</Trans> : undefined}
          </Line>
        </>
      )}
    </Card>
  )
}
