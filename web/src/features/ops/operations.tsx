// Operations: whether the service is well, which version runs, and whether the agencies are isolated.

import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { api, bodyOf, type Schema } from '../../api/client.ts'
import { useDays } from '../../locales/days.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import classes from './operations.module.css'
import { Card, Line, type State } from './parts/card.tsx'
import { HealthCard } from './parts/health-card.tsx'

/** While the page is visible. */
const interval_ms = 15_000

export function OperationsPage() {
  return (
    <>
      <PageHeader title={<Trans>Operations</Trans>} />
      <div className={classes.page}>
        <HealthCard interval_ms={interval_ms} />
        <Subscribers />
        <Tenancy />
        <Environment />
        <Version />
      </div>
      <p className={classes.note}>
        <Trans>This page looks again every 15 seconds.</Trans>
      </p>
    </>
  )
}

function Version() {
  const days = useDays()
  const query = useQuery({
    queryKey: ['operations', 'commit'],
    queryFn: ({ signal }) => bodyOf(api.GET('/ops/current-commit', { signal })),
    refetchInterval: interval_ms,
  })
  const { data } = query
  return (
    <Card title={<Trans>Version</Trans>} query={query}>
      {data !== undefined && (
        <div className={classes.line}>
          <code>{data.commit_sha.slice(0, 12)}</code>
          {data.deployed_at !== null && (
            <span className={classes.detail}>
              <Trans>deployed {days.instant(data.deployed_at)}</Trans>
            </span>
          )}
        </div>
      )}
    </Card>
  )
}

function Environment() {
  const query = useQuery({
    queryKey: ['operations', 'env'],
    queryFn: ({ signal }) => bodyOf(api.GET('/ops/env-sanity', { signal })),
    refetchInterval: interval_ms,
  })
  const { data } = query
  return (
    <Card title={<Trans>Environment</Trans>} query={query}>
      {data?.env.missing.length === 0 && <Line state="ok" name={<Trans>All recommended settings are there</Trans>} />}
      {data?.env.missing.map((name) => (
        <Line
          key={name}
          state="warning"
          name={<code>{name}</code>}
          advice={
            <Trans>
              It is not set. <code>roost doctor</code> says what does not work without it.
            </Trans>
          }
        />
      ))}
      {data?.warnings?.map((warning) => (
        <Line key={warning} state="warning" name={<Trans>Database server</Trans>} advice={warning} />
      ))}
    </Card>
  )
}

function Tenancy() {
  const days = useDays()
  const query = useQuery({
    queryKey: ['operations', 'tenancy'],
    queryFn: ({ signal }) => bodyOf(api.GET('/ops/tenancy-audit', { signal })),
    refetchInterval: interval_ms,
  })
  const { data } = query
  return (
    <Card title={<Trans>Isolation of the agencies</Trans>} query={query}>
      {data !== undefined && (
        <Line
          state={data.status === 'ok' ? 'ok' : 'error'}
          name={
            <Trans>
              {data.rules} rules on {data.tables} tables
            </Trans>
          }
          advice={
            <Trans>
              <code>roost verify tenancy --explain</code> describes each rule and the fix.
            </Trans>
          }
        >
          {days.instant(data.checked_at)}
        </Line>
      )}
      {data?.findings.map(({ rule, severity, object, message }) => (
        <Line
          key={`${rule} ${object}`}
          state={severity === 'error' ? 'error' : 'warning'}
          name={`${rule} · ${object}`}
          advice={message}
        />
      ))}
    </Card>
  )
}

type Subscriber = Schema['Subscribers']['items'][number]

function stateOf({ dead_letters, failing }: Subscriber): State {
  if (dead_letters > 0) return 'error'
  return failing > 0 ? 'warning' : 'ok'
}

function Subscribers() {
  const days = useDays()
  const query = useQuery({
    queryKey: ['operations', 'subscribers'],
    queryFn: ({ signal }) => bodyOf(api.GET('/ops/subscribers', { signal })),
    refetchInterval: interval_ms,
  })
  const { data } = query
  return (
    <Card title={<Trans>Delivery of events</Trans>} query={query}>
      {data?.items.length === 0 && <Line state="ok" name={<Trans>Nothing is subscribed</Trans>} />}
      {data?.items.map((subscriber) => {
        const { name, behind, failing, dead_letters, oldest_at } = subscriber
        const advice =
          dead_letters > 0 ? (
            <Trans>
              <code>roost events list</code> shows what was given up, <code>roost events retry</code> tries it again.
            </Trans>
          ) : (
            <Trans>It is tried again by itself.</Trans>
          )
        return (
          <Line key={name} state={stateOf(subscriber)} name={name} advice={advice}>
            <Trans>
              {behind} waiting, {failing} failing, {dead_letters} given up
            </Trans>
            {oldest_at !== null && (
              <>
                {' · '}
                <Trans>oldest {days.instant(oldest_at)}</Trans>
              </>
            )}
          </Line>
        )
      })}
    </Card>
  )
}
