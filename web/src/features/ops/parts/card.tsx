// A group of findings, and one finding: a mark, a word for it, and what to do.
import { Trans, useLingui } from '@lingui/react/macro'
import { Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import { ApiError, errorSentence } from '../../../api/errors.ts'
import classes from '../operations.module.css'

export type State = 'ok' | 'warning' | 'error'

interface LineProps {
  readonly state: State
  readonly name: ReactNode
  readonly children?: ReactNode
  /** What to do about it. */
  readonly advice?: ReactNode
}

export function Line({ state, name, children, advice }: LineProps) {
  return (
    <div className={classes.line}>
      <span className={classes.dot} data-state={state} aria-hidden />
      <span className={classes.name}>{name}</span>
      <span className={classes.word}>
        <Word state={state} />
      </span>
      {children !== undefined && <span className={classes.detail}>{children}</span>}
      {state !== 'ok' && advice !== undefined && <div className={classes.detail}>{advice}</div>}
    </div>
  )
}

function Word({ state }: { readonly state: State }) {
  if (state === 'ok') return <Trans>good</Trans>
  return state === 'warning' ? <Trans>attention</Trans> : <Trans>bad</Trans>
}

interface CardProps {
  readonly title: ReactNode
  readonly query: { readonly data: unknown; readonly error: unknown }
  readonly children: ReactNode
}

export function Card({ title, query, children }: CardProps) {
  return (
    <section className={classes.card}>
      <h2>{title}</h2>
      {query.error !== null && <Failure error={query.error} />}
      {query.error === null && query.data === undefined ? <Skeleton height={24} /> : null}
      {query.error === null && children}
    </section>
  )
}

function Failure({ error }: { readonly error: unknown }) {
  const { i18n } = useLingui()
  if (error instanceof ApiError && error.status === 403)
    return (
      <p className="dim">
        <Trans>Only admins of the agency that runs this service see this.</Trans>
      </p>
    )
  return <Line state="error" name={errorSentence(i18n, error)} />
}
