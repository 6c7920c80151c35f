// Operations: whether the service is well, which version runs, and whether the agencies are isolated.

import { Trans, useLingui } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api, bodyOf } from '../../api/client.ts'
import { ApiError, errorSentence } from '../../api/errors.ts'
import { useDays } from '../../locales/days.ts'
import { PageHeader } from '../../ui/page-header.tsx'
import { readHealth } from './health.ts'
import classes from './operations.module.css'

const interval_ms = 15_000

export function OperationsPage() {
  return (
    <>
      <PageHeader title={<Trans>Operations</Trans>} />
      <div className={classes.page}>
        <Health />
        <Version />
        <Environment />
        <Tenancy />
        <Subscribers />
      </div>
    </>
  )
}

type State = 'ok' | 'warning' | 'error'

/** Words of the API for a component -> what they mean. `disabled` is a choice of the operator. */
const stateOf = (value: string): State =>
  value === 'ok' || value === 'disabled' ? 'ok' : value === 'starting' || value === 'degraded' ? 'warning' : 'error'

interface LineProps {
  readonly state: State
  readonly name: ReactNode
  readonly children?: ReactNode
}

function Line({ state, name, children }: LineProps) {
  const { t } = useLingui()
  const words = { ok: t`good`, warning: t`attention`, error: t`bad` }
  return (
    <div className={classes.line}>
      <span className={classes.dot} data-state={state} role="img" aria-label={words[state]} />
      <span className={classes.name}>{name}</span>
      <span className="dim">{children}</span>
    </div>
  )
}

function Card({ title, error, children }: { title: ReactNode; error: unknown; children: ReactNode }) {
  const { i18n } = useLingui()
  return (
    <section className={classes.card}>
      <h2>{title}</h2>
      {error !== null && error !== undefined ? <Line state="error" name={errorSentence(i18n, error)} /> : children}
    </section>
  )
}

function Health() {
  const { data, error } = useQuery({
    queryKey: ['operations', 'health'],
    queryFn: ({ signal }) => readHealth(signal),
    refetchInterval: interval_ms,
  })
  return (
    <Card title={<Trans>Service</Trans>} error={error}>
      {data !== undefined && (
        <>
          <Line state={stateOf(data.checks.db)} name={<Trans>Database</Trans>}>
            {data.checks.db}
          </Line>
          <Line state={stateOf(data.checks.worker)} name={<Trans>Background work</Trans>}>
            {data.checks.worker}
          </Line>
          <Line state={stateOf(data.checks.redis)} name="Redis">
            {data.checks.redis === 'disabled' ? <Trans>not used</Trans> : data.checks.redis}
          </Line>
        </>
      )}
    </Card>
  )
}

function Version() {
  const days = useDays()
  const { data, error } = useQuery({
    queryKey: ['operations', 'commit'],
    queryFn: ({ signal }) => bodyOf(api.GET('/ops/current-commit', { signal })),
  })
  return (
    <Card title={<Trans>Version</Trans>} error={error}>
      {data !== undefined && (
        <Line state="ok" name={<code>{data.commit_sha.slice(0, 12)}</code>}>
          {data.deployed_at !== null && <Trans>deployed {days.instant(data.deployed_at)}</Trans>}
        </Line>
      )}
    </Card>
  )
}

function Environment() {
  const { data, error } = useQuery({
    queryKey: ['operations', 'env'],
    queryFn: ({ signal }) => bodyOf(api.GET('/ops/env-sanity', { signal })),
    refetchInterval: interval_ms * 4,
  })
  return (
    <Card title={<Trans>Environment</Trans>} error={error}>
      {data?.env.missing.length === 0 && <Line state="ok" name={<Trans>All recommended settings are there</Trans>} />}
      {data?.env.missing.map((name) => (
        <Line key={name} state={data.env.ok ? 'warning' : 'error'} name={<code>{name}</code>}>
          <Trans>is not set</Trans>
        </Line>
      ))}
      {data?.warnings?.map((warning) => (
        <Line key={warning} state="warning" name={warning} />
      ))}
    </Card>
  )
}

function Tenancy() {
  const days = useDays()
  const { data, error } = useQuery({
    queryKey: ['operations', 'tenancy'],
    queryFn: async ({ signal }) => {
      try {
        return await bodyOf(api.GET('/ops/tenancy-audit', { signal }))
      } catch (failure) {
        if (failure instanceof ApiError && failure.code === 'TENANCY_FINDINGS') return failure.meta as never
        throw failure
      }
    },
  })
  return (
    <Card title={<Trans>Isolation of the agencies</Trans>} error={error}>
      {data !== undefined && (
        <Line
          state={data.status === 'ok' ? 'ok' : 'error'}
          name={
            <Trans>
              {data.rules} rules on {data.tables} tables
            </Trans>
          }
        >
          {days.instant(data.checked_at)}
        </Line>
      )}
      {data?.findings.map(({ rule, severity, object, message }) => (
        <Line key={`${rule} ${object}`} state={severity === 'error' ? 'error' : 'warning'} name={`${rule} ${object}`}>
          {message}
        </Line>
      ))}
    </Card>
  )
}

function Subscribers() {
  const { data, error } = useQuery({
    queryKey: ['operations', 'subscribers'],
    queryFn: ({ signal }) => bodyOf(api.GET('/ops/subscribers', { signal })),
    refetchInterval: interval_ms,
  })
  return (
    <Card title={<Trans>Delivery of events</Trans>} error={error}>
      {data?.items.length === 0 && <Line state="ok" name={<Trans>Nothing is subscribed</Trans>} />}
      {data?.items.map(({ name, behind, failing, dead_letters }) => (
        <Line key={name} state={dead_letters > 0 ? 'error' : failing > 0 ? 'warning' : 'ok'} name={name}>
          <Trans>
            {behind} waiting, {failing} failing, {dead_letters} given up
          </Trans>
        </Line>
      ))}
    </Card>
  )
}
