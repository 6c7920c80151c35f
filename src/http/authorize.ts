// Every route says who may call it, or the service does not boot. The check runs before the body is looked at.
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { Module } from '../config.ts'
import type { ErrorEntry } from '../core/app-error.ts'
import type { Actor } from '../core/auth/permissions.ts'
import { type Permission, permissions, requireRole, rolesWith } from '../core/auth/permissions.ts'
import { FeatureDisabledError } from '../core/errors.ts'
import { isEnabled, isInDeployment } from '../core/features.ts'
import type { Database } from '../core/postgres/database.ts'
import { RouteNotFoundError } from '../core/request-errors.ts'
import { type AuthenticateDeps, actAs, authenticate } from './authenticate.ts'
import type { Limits } from './limits.ts'

declare module 'fastify' {
  interface FastifyInstance {
    declaredRoutes: DeclaredRoute[]
  }
  interface FastifyContextConfig {
    /** The permission a caller needs in the agency. */
    can?: Permission
    /** Any signed-in person, whatever agency. */
    signedIn?: true
    /** Anybody, without a token. */
    open?: true
    /** The optional feature it belongs to: unknown where the deployment has it not, refused where the agency has it not. */
    feature?: Module
    /** Errors of the operation itself; those every operation shares are added. */
    errors?: readonly { readonly entry: ErrorEntry }[]
  }
}

/** A route as the sweeps of the tests and the documentation walk it. */
export interface DeclaredRoute {
  readonly method: string
  readonly url: string
  readonly can: Permission | undefined
  readonly is_open: boolean
}

/** The check of each permission, made once: it stands in the way of every request. */
const checks = Object.fromEntries(
  (Object.keys(permissions) as Permission[]).map((permission) => [permission, requireRole(...rolesWith(permission))]),
) as Record<Permission, ReturnType<typeof requireRole>>

export interface AuthorizeDeps extends AuthenticateDeps {
  readonly limits: Limits
  readonly db: Database
  readonly config: { readonly modules_enabled: readonly string[] }
}

/** Installs the hook on every route registered afterwards; throws for one that declares no rule, or two. */
export function authorize(app: FastifyInstance, deps: AuthorizeDeps): void {
  app.decorateRequest('identity')
  app.decorateRequest('wantedAgency')
  app.decorateRequest('tokenGeneration', null)
  app.decorateRequest('sessionId', null)
  app.decorateRequest('actor')
  const declared: DeclaredRoute[] = []
  app.decorate('declaredRoutes', declared)
  app.addHook('onRoute', (route) => {
    requireRule(route)
    const { can, open } = route.config ?? {}
    for (const method of [route.method].flat()) declared.push({ method, url: route.url, can, is_open: open === true })
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
