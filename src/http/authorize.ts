// Authorization: every route declares who can call it, checked before the body is read.
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Module } from '../config.ts'
import type { ErrorEntry } from '../core/app-error.ts'
import type { Actor } from '../core/auth/actors.ts'
import { listRolesWith, type Permission, permissions, requireRole } from '../core/auth/permissions.ts'
import { FeatureDisabledError } from '../core/errors.ts'
import { isEnabled, isInDeployment } from '../core/features.ts'
import type { Database } from '../core/postgres/database.ts'
import { RouteNotFoundError } from '../core/request-errors.ts'
import { type AuthenticateDeps, actAs, authenticate } from './authenticate.ts'
import type { RateLimits } from './rate-limits.ts'

declare module 'fastify' {
  interface FastifyInstance {
    declaredRoutes: DeclaredRoute[]
  }
  interface FastifyContextConfig {
    /** The permission that the caller needs in the agency. */
    can?: Permission
    /** Any signed-in user, without an agency. */
    signedIn?: true
    /** No token is required. */
    open?: true
    /** An HTML page for people (http/pages.ts). */
    page?: true
    /** The optional feature of the route: 404 if the deployment does not have it, 403 if the agency does not have it. */
    feature?: Module
    /** Admins can call it while the database does not respond: they are remembered for 24 hours. */
    during_outage?: boolean
    /** Answers set or delete the session cookie (http/session-cookie.ts). `read`: the request can be made with it. */
    session_cookie?: 'set' | 'read'
    /** The answer has no version but an ETag of its own. */
    tagged?: true
    /** The body is a file (http/upload.ts). */
    upload?: { readonly advice: string; readonly example: string }
    /** Errors of this operation; errors that all operations share are added. */
    errors?: readonly { readonly entry: ErrorEntry }[]
  }
}

/** A registered route, for test sweeps and documentation. */
interface DeclaredRoute {
  readonly method: string
  readonly url: string
  readonly can: Permission | undefined
  readonly is_open: boolean
  /** An HTML page (http/pages.ts), which is not in the OpenAPI document. */
  readonly is_page: boolean
  /** The body is a file (http/upload.ts): the route takes no Idempotency-Key. */
  readonly is_upload: boolean
}

/** The check of each permission, created once because every request uses it. */
const checks = Object.fromEntries(
  (Object.keys(permissions) as Permission[]).map((permission) => [
    permission,
    requireRole(...listRolesWith(permission)),
  ]),
) as Record<Permission, ReturnType<typeof requireRole>>

export interface AuthorizeDeps extends AuthenticateDeps {
  readonly limits: RateLimits
  readonly db: Database
  readonly config: { readonly modules_enabled: readonly string[] }
}

/** Installs the hook for all routes registered later. Throws for a route that declares no rule or several. */
export function authorize(app: FastifyInstance, deps: AuthorizeDeps): void {
  app.decorateRequest('token')
  app.decorateRequest('identity')
  app.decorateRequest('wantedAgency')
  app.decorateRequest('tokenGeneration', null)
  app.decorateRequest('sessionId', null)
  app.decorateRequest('actor')
  const declared: DeclaredRoute[] = []
  app.decorate('declaredRoutes', declared)
  app.addHook('onRoute', (route) => {
    requireRule(route)
    const { can, open, page, upload } = route.config ?? {}
    const rule = {
      url: route.url,
      can,
      is_open: open === true,
      is_page: page === true,
      is_upload: upload !== undefined,
    }
    for (const method of [route.method].flat()) declared.push({ method, ...rule })
  })
  app.addHook('onRequest', async (request, reply) => {
    const { can, feature, open } = request.routeOptions.config
    if (feature !== undefined && !isInDeployment(deps.config.modules_enabled, feature)) throw new RouteNotFoundError()
    if (open || request.is404) return
    await authenticate(deps, request)
    await deps.limits.user(request.identity.user_id, reply)
    if (can === undefined) return
    const actor = actAs(request, request.wantedAgency)
    checks[can]({ role: actor.role })
    if (feature !== undefined) await requireFeature(deps.db, actor, feature)
    request.actor = actor
  })
}

async function requireFeature(db: Database, actor: Actor, feature: Module): Promise<void> {
  if (await db.tenantRead(actor, (tx) => isEnabled(tx, feature))) return
  throw new FeatureDisabledError({ meta: { feature } })
}

function requireRule(route: RouteOptions): void {
  const { can, signedIn, open } = route.config ?? {}
  const rules = [can, signedIn, open].filter(Boolean)
  const where = `${String(route.method)} ${route.url}`
  if (rules.length !== 1) throw new Error(`${where} must declare exactly one of can, signedIn or open`)
  if (can !== undefined && !Object.hasOwn(permissions, can))
    throw new Error(`${where} names the unknown permission ${can}`)
}
