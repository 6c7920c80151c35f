// Wire shapes of the health probes and of /ops.
import { type Static, Type } from 'typebox'
import { nullable, strictObject, Timestamp } from '../../http/schema.ts'

const Part = Type.Enum(['ok', 'error', 'disabled'])
const worker_states = ['ok', 'error', 'disabled', 'starting'] as const
const by_heartbeat = 'The background worker, by its heartbeat; starting: none yet, in the first 45 s of the process.'
const WorkerPart = Type.Enum([...worker_states], { description: by_heartbeat })
const checks = strictObject({ db: Part, redis: Part, worker: WorkerPart })

/** The `error` member of the error envelope. */
const ErrorObject = Type.Unsafe<Record<string, unknown>>(
  strictObject({
    code: Type.String({ description: 'Stable; see docs/errors.md.' }),
    message: Type.String(),
    request_id: Type.Optional(Type.String()),
    retryable: Type.Optional(Type.Boolean()),
  }),
)

export const Healthy = strictObject(
  {
    status: Type.Enum(['ok', 'degraded'], {
      description: 'degraded: Redis or the background worker is not available; requests are served.',
    }),
    checks,
  },
  { title: 'Healthy' },
)

export const Unhealthy = strictObject(
  { status: Type.Literal('unavailable'), checks, error: ErrorObject },
  { title: 'Unhealthy', description: 'DB_UNAVAILABLE: The database cannot be reached.' },
)

export const Live = strictObject({ status: Type.Literal('ok') }, { title: 'Live' })

export const Ready = strictObject({ status: Type.Literal('ready') }, { title: 'Ready' })

export const NotReady = strictObject(
  { error: ErrorObject },
  {
    title: 'NotReady',
    description:
      'DB_UNAVAILABLE, DATABASE_UNSUITABLE, SCHEMA_DRIFT, TENANCY_FINDINGS or SHUTTING_DOWN: do not route requests to this process.',
  },
)

export const CurrentCommit = strictObject(
  {
    commit_sha: Type.String({ description: 'unknown without COMMIT_SHA and git.' }),
    deployed_at: nullable(Timestamp),
  },
  { title: 'CurrentCommit' },
)
export type CurrentCommit = Static<typeof CurrentCommit>

export const EnvSanity = strictObject(
  {
    db: Part,
    redis: Part,
    celery: Type.Enum([...worker_states], {
      description: `${by_heartbeat} Monitors expect this name; no Celery runs.`,
    }),
    tenancy: Type.Enum(['ok', 'error'], {
      description: 'error: GET /ops/tenancy-audit has findings, or could not run.',
    }),
    env: strictObject({
      ok: Type.Boolean({ description: 'Whether `missing` is empty.' }),
      missing: Type.Array(Type.String(), {
        description:
          'Names of required and recommended variables that are not set, never values. `roost doctor` says what does not work.',
      }),
    }),
    warnings: Type.Optional(
      Type.Array(Type.String(), {
        description:
          'Settings of the database server that make requests fail or can lose committed data, with the fix; absent without any.',
      }),
    ),
  },
  { title: 'EnvSanity' },
)
export type EnvSanity = Static<typeof EnvSanity>

export const Subscribers = strictObject(
  {
    items: Type.Array(
      strictObject({
        name: Type.String(),
        behind: Type.Integer({ description: 'Agencies with events that it has not handled yet.' }),
        oldest_at: nullable({ ...Timestamp, description: 'When the oldest of these events was sealed.' }),
        failing: Type.Integer({ description: 'Agencies whose next event has failed and will be tried again.' }),
        dead_letters: Type.Integer({
          description:
            'Events that it could not handle after several attempts: `roost events list`, `roost events retry`.',
        }),
      }),
    ),
  },
  { title: 'Subscribers' },
)

export const TenancyAudit = strictObject(
  {
    status: Type.Enum(['ok', 'findings'], { description: 'ok also with warnings.' }),
    rules: Type.Integer(),
    tables: Type.Integer({ description: 'The number of tenant tables.' }),
    findings: Type.Array(
      strictObject({
        rule: Type.String({ description: '`roost verify tenancy --explain` describes the rule and the fix.' }),
        severity: Type.Enum(['error', 'warning']),
        object: Type.String(),
        message: Type.String(),
      }),
    ),
    fingerprint: Type.String({
      description:
        'SHA-256 of all constraints, functions, grants, policies and triggers: equal where protection is equal.',
    }),
    checked_at: Type.String({ description: 'At most a minute ago.' }),
  },
  { title: 'TenancyAudit' },
)
