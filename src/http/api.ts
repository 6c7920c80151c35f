// The types of the Fastify instance and of the dependencies that feature routes receive.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Config } from '../config.ts'
import type { Identities } from '../core/auth/memberships.ts'
import type { Tokens } from '../core/auth/tokens.ts'
import type { Cursors } from '../core/cursors.ts'
import type { Health } from '../core/health.ts'
import type { Mail } from '../core/mail/mail.ts'
import type { MediaStore } from '../core/media/media.ts'
import type { Metrics } from '../core/metrics.ts'
import type { Database } from '../core/postgres/database.ts'
import type { TenancyWatch } from '../core/tenancy/watch.ts'
import type { ExportSlots } from './export-slots.ts'
import type { RateLimits } from './rate-limits.ts'

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
  readonly limits: RateLimits
  readonly mail: Mail
  readonly media: MediaStore
  readonly exports: ExportSlots
  readonly health: Health
  readonly tenancy: TenancyWatch
  /** Undefined unless METRICS_TOKEN or METRICS_PORT is set. */
  readonly metrics: Metrics | undefined
  /** The version in package.json. */
  readonly version: string
}
