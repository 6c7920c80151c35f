// /health, public, and /ops, for admins.
import { readSubscriberStates } from '../../core/events/delivery.ts'
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
import { plainRoute } from '../../http/route.ts'
import { commitOf, currentCommit, envSanity, requireOpsAgency } from './ops.ts'
import {
  CurrentCommit,
  EnvSanity,
  Healthy,
  Live,
  NotReady,
  Ready,
  Subscribers,
  TenancyAudit,
  Unhealthy,
} from './schema.ts'

const tags = ['ops']

export function opsRoutes(app: Api, deps: ApiDeps): void {
  healthRoutes(app, deps)
  adminRoutes(app, deps)
  subscriberRoutes(app, deps)
}

/** Their 503 responses are sent, not thrown, so that probes do not fill the log with errors. */
function healthRoutes(app: Api, { health }: ApiDeps): void {
  plainRoute(app, 'GET', '/health', {
    open: true,
    tags,
    operationId: 'getHealth',
    summary: 'Read the state of the components',
    description: 'At most a second old. 503 only when the database does not respond.',
    response: Healthy,
    responses: { 503: Unhealthy },
    work: async (req, reply) => {
      const { status, checks } = await health.report()
      if (status !== 'unavailable') return { status, checks }
      const error = new DatabaseUnavailableError()
      return reply
        .code(503)
        .headers(error.headers)
        .send({ status, checks, ...envelope(error, req.id) })
    },
  })

  plainRoute(app, 'GET', '/health/live', {
    open: true,
    tags,
    operationId: 'getLiveness',
    summary: 'Liveness: whether the process is running',
    description: 'Does not ask the database.',
    response: Live,
    work: async () => ({ status: 'ok' as const }),
  })

  plainRoute(app, 'GET', '/health/ready', {
    open: true,
    errors: [DatabaseUnsuitableError, SchemaDriftError, ShuttingDownError, TenancyFindingsError],
    tags,
    operationId: 'getReadiness',
    summary: 'Readiness: whether to route requests to this process',
    description: 'Answers 503 while the database cannot be used, its schema is older, or the process stops.',
    response: Ready,
    responses: { 503: NotReady },
    work: async (req, reply) => {
      const error = await health.readinessError()
      if (error === undefined) return { status: 'ready' as const }
      return reply.code(503).headers(error.headers).send(envelope(error, req.id))
    },
  })
}

const audience = 'With OPS_AGENCY set, only for admins of that agency.'
const remembered =
  'While the database does not respond, it answers admins whom this process has served in the last 24 hours; ' +
  'others get 503 DB_UNAVAILABLE.'

function adminRoutes(app: Api, { config, db, health, tenancy }: ApiDeps): void {
  const commit = commitOf(config)

  plainRoute(app, 'GET', '/ops/current-commit', {
    can: 'ops:read',
    tags,
    operationId: 'getCurrentCommit',
    summary: 'Read the deployed commit',
    description: `Without DEPLOYED_AT \`deployed_at\` is null. ${audience} ${remembered}`,
    during_outage: true,
    response: CurrentCommit,
    work: async (req) => {
      requireOpsAgency(config.ops_agency, req.actor, req.identity.memberships)
      return currentCommit(commit, config)
    },
  })

  plainRoute(app, 'GET', '/ops/env-sanity', {
    can: 'ops:read',
    tags,
    operationId: 'getEnvSanity',
    summary: 'Check the components, and the required and recommended variables',
    description: `${audience} ${remembered}`,
    during_outage: true,
    response: EnvSanity,
    work: async (req) => {
      requireOpsAgency(config.ops_agency, req.actor, req.identity.memberships)
      const is_server = config.database_url !== undefined
      const [sanity, found] = await Promise.all([
        envSanity(health, tenancy, config, commit),
        is_server ? findServerProblems(db, config.database_pool_size) : undefined,
      ])
      const warnings = found?.map(({ message }) => message) ?? []
      return { ...sanity, ...(warnings.length > 0 && { warnings }) }
    },
  })

  plainRoute(app, 'GET', '/ops/tenancy-audit', {
    can: 'ops:read',
    tags,
    operationId: 'getTenancyAudit',
    summary: 'Audit the tenant isolation of the database, rule by rule',
    description: `The audit of \`roost verify tenancy\`, at most a minute old. ${audience}`,
    response: TenancyAudit,
    work: async (req) => {
      requireOpsAgency(config.ops_agency, req.actor, req.identity.memberships)
      const audit = await tenancy.audit()
      if (audit === undefined) throw new DatabaseUnavailableError()
      return audit
    },
  })
}

function subscriberRoutes(app: Api, { config, db }: ApiDeps): void {
  plainRoute(app, 'GET', '/ops/subscribers', {
    can: 'ops:read',
    tags,
    operationId: 'listSubscribers',
    summary: 'Read the state of the subscribers of the event log',
    description: `Numbers over all agencies. A subscriber that stays behind, or has dead letters, needs an operator. ${audience}`,
    response: Subscribers,
    work: async (req) => {
      requireOpsAgency(config.ops_agency, req.actor, req.identity.memberships)
      return { items: await readSubscriberStates(db) }
    },
  })
}
