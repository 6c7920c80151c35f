// /health, public, and /ops, for admins.

import { findServerProblems } from '../../core/postgres/server-settings.ts'
import {
  DatabaseUnavailableError,
  DatabaseUnsuitableError,
  SchemaDriftError,
  ShuttingDownError,
  TenancyFindingsError,
} from '../../core/server-errors.ts'
import type { Api, ApiDeps } from '../../http/api.ts'
import { envelope } from '../../http/error-envelope.ts'
import { commitOf, currentCommit, envSanity, requireOpsAgency } from './ops.ts'
import { CurrentCommit, EnvSanity, Healthy, Live, NotReady, Ready, TenancyAudit, Unhealthy } from './schema.ts'

const tags = ['ops']

export function opsRoutes(app: Api, deps: ApiDeps): void {
  healthRoutes(app, deps)
  adminRoutes(app, deps)
}

/** Their 503 responses are sent, not thrown, so that probes do not fill the log with errors. */
function healthRoutes(app: Api, { health }: ApiDeps): void {
  app.get(
    '/health',
    {
      config: { open: true },
      schema: {
        tags,
        summary: 'Read the state of the components',
        description: 'At most a second old. 503 only when the database does not respond.',
        response: { 200: Healthy, 503: Unhealthy },
      },
    },
    async (req, reply) => {
      const { status, checks } = await health.report()
      if (status !== 'unavailable') return { status, checks }
      const error = new DatabaseUnavailableError()
      return reply
        .code(503)
        .headers(error.headers)
        .send({ status, checks, ...envelope(error, req.id) })
    },
  )

  app.get(
    '/health/live',
    {
      config: { open: true },
      schema: { tags, summary: 'Liveness: whether the process is running', response: { 200: Live } },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/health/ready',
    {
      config: {
        open: true,
        errors: [DatabaseUnsuitableError, SchemaDriftError, ShuttingDownError, TenancyFindingsError],
      },
      schema: {
        tags,
        summary: 'Readiness: whether to route requests to this process',
        response: { 200: Ready, 503: NotReady },
      },
    },
    async (req, reply) => {
      const error = await health.readinessError()
      if (error === undefined) return { status: 'ready' as const }
      return reply.code(503).headers(error.headers).send(envelope(error, req.id))
    },
  )
}

const audience =
  'With OPS_AGENCY set, only for admins of that agency. Without the database the role cannot be checked, ' +
  'so the response is 503 DB_UNAVAILABLE; GET /health works then.'

function adminRoutes(app: Api, { config, db, health, tenancy, started_at }: ApiDeps): void {
  const commit = commitOf(config)

  app.get(
    '/ops/current-commit',
    {
      config: { can: 'ops:read' },
      schema: { tags, summary: 'Read the deployed commit', description: audience, response: { 200: CurrentCommit } },
    },
    async (req) => {
      requireOpsAgency(config.ops_agency, req.actor, req.identity.memberships)
      return currentCommit(commit, config, started_at)
    },
  )

  app.get(
    '/ops/env-sanity',
    {
      config: { can: 'ops:read' },
      schema: {
        tags,
        summary: 'Check the components and the required variables',
        description: audience,
        response: { 200: EnvSanity },
      },
    },
    async (req) => {
      requireOpsAgency(config.ops_agency, req.actor, req.identity.memberships)
      const is_server = config.database_url !== undefined
      const [sanity, found] = await Promise.all([
        envSanity(health, tenancy, config),
        is_server ? findServerProblems(db, config.database_pool_size) : undefined,
      ])
      const warnings = found?.map(({ message }) => message) ?? []
      return { ...sanity, ...(warnings.length > 0 && { warnings }) }
    },
  )

  app.get(
    '/ops/tenancy-audit',
    {
      config: { can: 'ops:read' },
      schema: {
        tags,
        summary: 'Audit the tenant isolation of the database, rule by rule',
        description: `The audit of \`roost verify tenancy\`, at most a minute old. ${audience}`,
        response: { 200: TenancyAudit },
      },
    },
    async (req) => {
      requireOpsAgency(config.ops_agency, req.actor, req.identity.memberships)
      const audit = await tenancy.audit()
      if (audit === undefined) throw new DatabaseUnavailableError()
      return audit
    },
  )
}
