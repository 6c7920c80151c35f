// What a feature's routes are given: the Fastify instance with our schema types, and the service's parts.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Config } from '../config.ts'
import type { Cursors } from '../core/cursors.ts'
import type { Database } from '../core/database.ts'
import type { Health } from '../core/health.ts'
import type { Identities } from '../core/memberships.ts'
import type { TenancyWatch } from '../core/tenancy/watch.ts'
import type { Tokens } from '../core/tokens.ts'
import type { ExportSlots } from './export-slots.ts'
import type { Limits } from './limits.ts'

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export interface ApiDeps {
  readonly config: Config
  readonly db: Database
  readonly tokens: Tokens
  readonly identities: Identities
  readonly cursors: Cursors
  readonly limits: Limits
  readonly exports: ExportSlots
  readonly health: Health
  readonly tenancy: TenancyWatch
  /** Roost's own version, from package.json. */
  readonly version: string
  readonly started_at: Date
}
