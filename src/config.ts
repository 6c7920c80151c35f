// Parses the environment into a Config. Source of .env.example and docs/configuration.md.
import {
  csv,
  dateTime,
  integer,
  mediaAddress,
  oneOf,
  parseJwtSecret,
  parseLoopDelay,
  parseRateLimit,
  parseToken,
  parseTrustProxy,
  ratio,
  sender,
  text,
  url,
  webAddress,
} from './setting-parsers.ts'

/** One environment variable. `parse` throws an Error that says what the value must be. */
export interface Setting {
  readonly name: string
  readonly help: string
  readonly fallback?: string
  readonly secret?: boolean
  readonly parse: (text: string) => unknown
}

export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** The optional modules of this version; core/features.ts describes them. */
export const modules = ['channel_sync', 'direct_booking', 'owner_portal'] as const
export type Module = (typeof modules)[number]

function parseModules(value: string): string[] {
  const names = value === 'none' ? [] : csv(value)
  const unknown = names.find((name) => name !== '*' && !modules.some((module) => module === name))
  if (unknown !== undefined) throw new Error(`must be *, none or a list of ${modules.join(', ')}`)
  return names
}

/** All settings, in the order of the documentation. */
export const settings = {
  port: { name: 'PORT', fallback: '3000', parse: integer(0, 65535), help: 'Port the API listens on.' },
  host: { name: 'HOST', fallback: '127.0.0.1', parse: text, help: 'Address the API listens on; 0.0.0.0 for all.' },
  database_url: {
    name: 'DATABASE_URL',
    parse: url('postgres:', 'postgresql:'),
    secret: true,
    help: 'PostgreSQL 15 or later. Unset: the embedded database in DATA_DIR, with demo data.',
  },
  migration_database_url: {
    name: 'MIGRATION_DATABASE_URL',
    parse: url('postgres:', 'postgresql:'),
    secret: true,
    help: "The schema owner's connection, for migrations. Unset: DATABASE_URL.",
  },
  listen_database_url: {
    name: 'LISTEN_DATABASE_URL',
    parse: url('postgres:', 'postgresql:'),
    secret: true,
    help: 'Direct connection to the server for LISTEN, one per process. Needed when DATABASE_URL is a pooler in transaction mode. Unset: DATABASE_URL.',
  },
  data_dir: {
    name: 'DATA_DIR',
    fallback: '.data',
    parse: text,
    help: 'Folder of the embedded database, and of pictures without MEDIA_URL.',
  },
  media_url: {
    name: 'MEDIA_URL',
    parse: mediaAddress,
    secret: true,
    help: 'Where pictures are stored: a folder (file:///srv/roost/media), or a bucket of an S3-compatible service (s3://key:secret@host/bucket?region=eu-central-1). All processes need the same one. Unset: the folder `media` in DATA_DIR.',
  },
  redis_url: {
    name: 'REDIS_URL',
    parse: url('redis:', 'rediss:'),
    secret: true,
    help: 'Redis for rate limits shared between processes. Unset: each process counts on its own.',
  },
  jwt_secret: {
    name: 'JWT_SECRET',
    parse: parseJwtSecret,
    secret: true,
    help: 'Signs and verifies HS256 tokens; at least 32 bytes. Required with DATABASE_URL unless JWT_JWKS_URL is set. Embedded database: generated once. Keep it: with another one access tokens are refused, and links in e-mails that were not sent yet cannot be read. A start with another one is a warning in the log.',
  },
  jwt_jwks_url: {
    name: 'JWT_JWKS_URL',
    parse: url('http:', 'https:'),
    help: "URL of the identity provider's signing keys (Supabase, any OIDC issuer).",
  },
  jwt_issuer: {
    name: 'JWT_ISSUER',
    parse: text,
    help: 'Required `iss` claim of tokens. Must be set with JWT_JWKS_URL.',
  },
  jwt_audience: {
    name: 'JWT_AUDIENCE',
    fallback: 'authenticated',
    parse: text,
    help: 'Required `aud` claim of tokens.',
  },
  commit_sha: { name: 'COMMIT_SHA', parse: text, help: 'Shown by /ops/current-commit. Unset: read from git.' },
  deployed_at: {
    name: 'DEPLOYED_AT',
    parse: dateTime,
    help: 'Date and time of the deployment with its offset (2027-03-01T08:00:00Z), shown by /ops/current-commit. Unset: null there.',
  },
  log_level: {
    name: 'LOG_LEVEL',
    fallback: 'info',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    help: 'trace, debug, info, warn, error, fatal or silent.',
  },
  migrate_on_start: {
    name: 'MIGRATE_ON_START',
    fallback: 'on',
    parse: oneOf('on', 'off'),
    help: 'Apply pending migrations on a server when the service starts: on or off. The embedded database is always migrated.',
  },
  database_pool_size: {
    name: 'DATABASE_POOL_SIZE',
    fallback: '10',
    parse: integer(1, 200),
    help: 'Connections per process; one agency uses at most four fifths of them. A small pool favours reads, a large one concurrent bookings.',
  },
  database_prepared: {
    name: 'DATABASE_PREPARED',
    fallback: 'on',
    parse: oneOf('on', 'off'),
    help: 'Named prepared statements: on, or off for connection poolers that do not support them.',
  },
  worker: {
    name: 'WORKER',
    fallback: 'inline',
    parse: oneOf('inline', 'off'),
    help: 'inline: background jobs run in the API process; off: run `roost worker` as a separate process.',
  },
  tenancy_audit: {
    name: 'TENANCY_AUDIT',
    fallback: 'enforce',
    parse: oneOf('enforce', 'warn'),
    help: 'enforce: not ready while `roost verify tenancy` has findings; warn: findings are only logged and shown in /ops.',
  },
  rate_limit: {
    name: 'RATE_LIMIT',
    fallback: '600',
    parse: parseRateLimit,
    help: 'Requests per minute and user (five times as many per IP address); off for load tests.',
  },
  max_loop_delay: {
    name: 'MAX_LOOP_DELAY',
    parse: parseLoopDelay,
    help: 'Event loop delay in milliseconds, over half a second, above which requests are refused (lists at half of it, writes with an Idempotency-Key at twice); off for never. Unset: 200; off with the embedded database, which blocks the event loop itself.',
  },
  shutdown_grace: {
    name: 'SHUTDOWN_GRACE',
    fallback: '1',
    parse: integer(0, 60),
    help: 'Seconds between SIGTERM and refusing new requests. Meanwhile /health/ready answers 503, so that load balancers stop sending requests.',
  },
  trust_proxy: {
    name: 'TRUST_PROXY',
    fallback: 'off',
    parse: parseTrustProxy,
    help: 'Addresses or networks of proxies whose X-Forwarded-* headers are trusted, comma separated; off for none.',
  },
  public_url: {
    name: 'PUBLIC_URL',
    parse: webAddress,
    help: 'Address under which people reach the service, for links in e-mails and the cookie of browser sessions, which is always Secure with https: https://roost.example.com. Unset: http, HOST and PORT.',
  },
  smtp_url: {
    name: 'SMTP_URL',
    parse: url('smtp:', 'smtps:'),
    secret: true,
    help: 'Mail server: smtps://user:password@mail.example.com (TLS from the start) or smtp://… (STARTTLS when offered; ?requireTLS=true requires it). Unset: no e-mail is sent, and `roost mail` shows the messages.',
  },
  mail_from: {
    name: 'MAIL_FROM',
    parse: sender,
    help: 'Sender of e-mails: Roost <roost@example.com>. Must be set with SMTP_URL.',
  },
  cors_origins: {
    name: 'CORS_ORIGINS',
    fallback: '',
    parse: csv,
    help: 'Browser origins that may call the API, comma separated; empty for none.',
  },
  modules_enabled: {
    name: 'MODULES_ENABLED',
    fallback: '*',
    parse: parseModules,
    help: 'Optional modules of this deployment, comma separated (channel_sync, direct_booking, owner_portal); * for all, none for none.',
  },
  metrics_token: {
    name: 'METRICS_TOKEN',
    parse: parseToken,
    secret: true,
    help: 'Bearer token that GET /metrics requires; at least 16 characters. Unset without METRICS_PORT: no /metrics.',
  },
  metrics_port: {
    name: 'METRICS_PORT',
    parse: integer(0, 65535),
    help: 'Serves /metrics on this port of HOST instead of PORT, also for `roost worker`. Do not expose it without METRICS_TOKEN.',
  },
  otel_endpoint: {
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    parse: url('http:', 'https:'),
    help: 'OpenTelemetry collector that receives traces (OTLP over HTTP, JSON). Unset: no traces. The exporter also reads the other OTEL_EXPORTER_OTLP_* variables and OTEL_RESOURCE_ATTRIBUTES.',
  },
  otel_disabled: {
    name: 'OTEL_SDK_DISABLED',
    fallback: 'false',
    parse: oneOf('true', 'false'),
    help: 'true: no traces, whatever the other variables say.',
  },
  otel_service_name: {
    name: 'OTEL_SERVICE_NAME',
    fallback: 'roost',
    parse: text,
    help: 'Name of the service in traces.',
  },
  otel_traces_sampler: {
    name: 'OTEL_TRACES_SAMPLER',
    fallback: 'parentbased_always_on',
    parse: oneOf(
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ),
    help: 'Which traces are exported; parentbased_*: a request with traceparent decides itself.',
  },
  otel_traces_sampler_arg: {
    name: 'OTEL_TRACES_SAMPLER_ARG',
    fallback: '1',
    parse: ratio,
    help: 'Share of the traces for the samplers *traceidratio, 0 to 1.',
  },
  ops_agency: {
    name: 'OPS_AGENCY',
    parse: text,
    help: 'Slug of the agency whose admins may use /ops. Unset: admins of every agency.',
  },
} as const satisfies Record<string, Setting>

type Settings = typeof settings
type Value<S> = S extends { parse: (text: string) => infer V } ? V : never
/** Parsed settings. A setting without a fallback is undefined when unset. */
export type Config = Readonly<{
  [K in keyof Settings]: Settings[K] extends { fallback: string } ? Value<Settings[K]> : Value<Settings[K]> | undefined
}>

/** Throws one ConfigError that lists all problems, without values. */
export function parseConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []
  const entries = Object.entries(settings).map(([key, setting]: [string, Setting]) => {
    const given = env[setting.name]
    const raw = given === undefined || given === '' ? setting.fallback : given
    try {
      return [key, raw === undefined ? undefined : setting.parse(raw)]
    } catch (error) {
      problems.push(`${setting.name} ${(error as Error).message}`)
      return [key, undefined]
    }
  })
  const config = Object.fromEntries(entries) as Config
  if (config.jwt_jwks_url !== undefined && config.jwt_issuer === undefined) {
    problems.push('JWT_ISSUER must be set together with JWT_JWKS_URL')
  }
  if (config.smtp_url !== undefined && config.mail_from === undefined && !env.MAIL_FROM) {
    problems.push('MAIL_FROM must be set together with SMTP_URL')
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(config)
}

/** Names of required variables that are not set. */
export function findMissingSettings(config: Config): string[] {
  const needsSecret = config.database_url !== undefined && config.jwt_jwks_url === undefined
  return needsSecret && config.jwt_secret === undefined ? ['JWT_SECRET'] : []
}
