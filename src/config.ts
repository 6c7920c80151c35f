// Environment -> frozen Config. The only list of settings: .env.example and docs/configuration.md are generated from it.

/** One environment variable: how it reads, what it means, and its value when unset. */
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

const text = (value: string) => value
const csv = (value: string) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

function oneOf<const T extends string>(...choices: T[]) {
  return (value: string): T => {
    const found = choices.find((choice) => choice === value)
    if (found === undefined) throw new Error(`must be one of ${choices.join(', ')}`)
    return found
  }
}

function integer(min: number, max: number) {
  return (value: string): number => {
    const number = Number(value)
    if (!/^\d+$/.test(value) || number < min || number > max) throw new Error(`must be a whole number ${min}-${max}`)
    return number
  }
}

function url(...protocols: string[]) {
  return (value: string): string => {
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      throw new Error(`must be a URL starting with ${protocols.join('// or ')}//`)
    }
    return value
  }
}

const knownSecrets = ['super-secret-jwt-token-with-at-least-32-characters-long', '0123456789abcdef0123456789abcdef']

/** A secret for HS256, from wherever it was read. Throws when it is too short or published. */
export function jwtSecret(value: string): string {
  if (Buffer.byteLength(value) < 32) throw new Error('must be at least 32 bytes long')
  if (knownSecrets.includes(value)) throw new Error('is a published default: make your own (openssl rand -base64 48)')
  return value
}

function rateLimit(value: string): number | 'off' {
  return value === 'off' ? 'off' : integer(1, 1_000_000)(value)
}

function milliseconds(value: string): number | 'off' {
  return value === 'off' ? 'off' : integer(10, 10_000)(value)
}

function trustProxy(value: string): false | string[] {
  return value === 'off' ? false : csv(value)
}

/** The optional modules this version knows; what they are is in core/features.ts. */
export const modules = ['channel_sync', 'direct_booking', 'owner_portal'] as const
export type Module = (typeof modules)[number]

function moduleList(value: string): string[] {
  const names = value === 'none' ? [] : csv(value)
  const unknown = names.find((name) => name !== '*' && !modules.some((module) => module === name))
  if (unknown !== undefined) throw new Error(`must be *, none or a list of ${modules.join(', ')}; it names another`)
  return names
}

/** Every setting, in the order the documentation shows them. */
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
    help: 'The server itself, for one connection per process that hears of changed people, where DATABASE_URL is a pooler in transaction mode. Unset: DATABASE_URL.',
  },
  data_dir: { name: 'DATA_DIR', fallback: '.data', parse: text, help: 'Folder of the embedded database.' },
  redis_url: {
    name: 'REDIS_URL',
    parse: url('redis:', 'rediss:'),
    secret: true,
    help: 'Redis for rate limits shared between processes. Unset: each process counts for itself.',
  },
  jwt_secret: {
    name: 'JWT_SECRET',
    parse: jwtSecret,
    secret: true,
    help: 'Signs and verifies HS256 tokens; at least 32 bytes. Required with DATABASE_URL unless JWT_JWKS_URL is set. Embedded: made once.',
  },
  jwt_jwks_url: {
    name: 'JWT_JWKS_URL',
    parse: url('http:', 'https:'),
    help: "The identity provider's signing keys (Supabase, any OIDC issuer).",
  },
  jwt_issuer: { name: 'JWT_ISSUER', parse: text, help: 'The `iss` tokens must carry. Required with JWT_JWKS_URL.' },
  jwt_audience: {
    name: 'JWT_AUDIENCE',
    fallback: 'authenticated',
    parse: text,
    help: 'The `aud` tokens must carry.',
  },
  commit_sha: { name: 'COMMIT_SHA', parse: text, help: 'Shown by /ops/current-commit. Unset: asked of git.' },
  deployed_at: {
    name: 'DEPLOYED_AT',
    parse: text,
    help: 'Shown by /ops/current-commit. Unset: when the process started.',
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
    help: 'Apply pending migrations on a server when the service starts: on or off. The embedded database always is migrated.',
  },
  database_pool_size: {
    name: 'DATABASE_POOL_SIZE',
    fallback: '10',
    parse: integer(1, 200),
    help: 'Connections per process; one agency has four fifths of them at most. Few make reads quick, many make the bookings of many clients quick.',
  },
  database_prepared: {
    name: 'DATABASE_PREPARED',
    fallback: 'on',
    parse: oneOf('on', 'off'),
    help: 'Named prepared statements; off for connection poolers that cannot keep them.',
  },
  worker: {
    name: 'WORKER',
    fallback: 'inline',
    parse: oneOf('inline', 'off'),
    help: 'inline: background work runs inside the API process; off: run `roost worker` beside it.',
  },
  tenancy_audit: {
    name: 'TENANCY_AUDIT',
    fallback: 'enforce',
    parse: oneOf('enforce', 'warn'),
    help: 'enforce: not ready while `roost verify tenancy` has findings; warn: they are only logged and shown in /ops.',
  },
  rate_limit: {
    name: 'RATE_LIMIT',
    fallback: '600',
    parse: rateLimit,
    help: 'Requests per minute and user (five times as many per address); off for load tests.',
  },
  max_loop_delay: {
    name: 'MAX_LOOP_DELAY',
    parse: milliseconds,
    help: 'Milliseconds the event loop may lag for half a second before requests are refused (lists at half of it, changes with an Idempotency-Key at twice); off for never. Unset: 200; with the embedded database, which holds the loop itself, off.',
  },
  shutdown_grace: {
    name: 'SHUTDOWN_GRACE',
    fallback: '1',
    parse: integer(0, 60),
    help: 'Seconds between SIGTERM and refusing new requests: /health/ready is 503 meanwhile, so that a load balancer looks elsewhere.',
  },
  trust_proxy: {
    name: 'TRUST_PROXY',
    fallback: 'off',
    parse: trustProxy,
    help: 'Addresses or networks of proxies whose X-Forwarded-* headers count, comma separated; off for none.',
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
    parse: moduleList,
    help: 'Optional modules that exist in this deployment, comma separated (channel_sync, direct_booking, owner_portal); * for all, none for none of them.',
  },
  ops_agency: {
    name: 'OPS_AGENCY',
    parse: text,
    help: 'Slug of the agency whose admins may use /ops. Unset: admins of every agency.',
  },
} as const satisfies Record<string, Setting>

type Settings = typeof settings
type Value<S> = S extends { parse: (text: string) => infer V } ? V : never
/** Parsed settings; a setting without fallback is undefined when unset. */
export type Config = Readonly<{
  [K in keyof Settings]: Settings[K] extends { fallback: string } ? Value<Settings[K]> : Value<Settings[K]> | undefined
}>

/** Parses the environment. Throws one ConfigError that lists every problem; values never appear in it. */
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
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(config)
}

/** Names of variables this deployment needs and does not have (never values); /ops/env-sanity and startup use it. */
export function missingSettings(config: Config): string[] {
  const needsSecret = config.database_url !== undefined && config.jwt_jwks_url === undefined
  return needsSecret && config.jwt_secret === undefined ? ['JWT_SECRET'] : []
}
