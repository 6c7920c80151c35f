// roost doctor: checks the deployment and prints what to do about each finding.
import { statSync } from 'node:fs'
import { getCompileCacheDir } from 'node:module'
import type { Command } from 'commander'
import sql from 'sql-template-tag'
import { type Config, findMissingSettings } from '../config.ts'
import { readSubscriberStates } from '../core/events/delivery.ts'
import { createHealth } from '../core/health.ts'
import { readMailStates } from '../core/mail/outbox.ts'
import { findServerProblems } from '../core/postgres/server-settings.ts'
import { findRecommendedSettings } from '../core/recommended-settings.ts'
import { createRedis } from '../core/redis.ts'
import { auditTenancy } from '../core/tenancy/audit.ts'
import { createMigratorFor, type Store } from '../store.ts'
import type { CommandContext } from './context.ts'
import { judgeMail } from './doctor-mail.ts'
import { checkMedia } from './doctor-media.ts'
import { findCookieProblem } from './session-cookie.ts'

interface Finding {
  readonly check: string
  readonly result: 'ok' | 'warning' | 'error'
  readonly message: string
}

export function registerDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description(
      'Check configuration, database, roles, schema, tenancy, events, Redis, worker, e-mails and pictures; exit code 1 when a check fails.',
    )
    .option('--json', 'print JSON')
    .action((options: { json?: true }) => doctor(context, options.json === true))
}

/** When a subscriber is late. */
const late_ms = 60_000

async function doctor(context: CommandContext, as_json: boolean): Promise<void> {
  const findings = await context.withStore(
    async (store, config) => [
      configuration(config),
      ...recommended(config),
      sessionCookie(config),
      compileCache(),
      await database(store),
      ...(await runChecks(store, [serverVersion, loginRole, schema, tenancy, subscribers])),
      ...(await serverSettings(store, config)),
      await redis(context, config),
      await worker(store),
      await mail(store, config),
      { check: 'pictures', ...(await checkMedia(config)) },
    ],
    { any_schema: true },
  )
  if (as_json) context.print(JSON.stringify(findings, null, 2))
  else
    for (const { check, result, message } of findings)
      context.print(`${result.padEnd(8)} ${check.padEnd(14)} ${message}`)
  if (findings.some(({ result }) => result === 'error')) context.fail()
}

function configuration(config: Config): Finding {
  const missing = findMissingSettings(config)
  return missing.length === 0
    ? { check: 'configuration', result: 'ok', message: 'all required settings are set' }
    : { check: 'configuration', result: 'error', message: `set ${missing.join(', ')} (docs/configuration.md)` }
}

function recommended(config: Config): Finding[] {
  return findRecommendedSettings(config).map(({ name, consequence }) => ({
    check: 'recommended',
    result: 'warning',
    message: `${name} is not set: ${consequence}`,
  }))
}

function sessionCookie(config: Config): Finding {
  const check = 'session cookie'
  const problem = findCookieProblem(config)
  return problem === undefined
    ? { check, result: 'ok', message: 'browsers send it over https or on this machine only' }
    : { check, result: 'warning', message: problem }
}

/** A user who can write to the compile cache can run code as the user of the service. */
function compileCache(): Finding {
  const check = 'compile cache'
  const folder = getCompileCacheDir()
  if (folder === undefined) {
    return {
      check,
      result: 'ok',
      message: 'none: no private folder in HOME or XDG_CACHE_HOME, so starts are slower',
    }
  }
  const is_private = (statSync(folder).mode & 0o022) === 0
  return is_private
    ? { check, result: 'ok', message: `in ${folder}` }
    : {
        check,
        result: 'error',
        message: `other users can write to ${folder}: unset NODE_COMPILE_CACHE, or set it to a private folder`,
      }
}

async function database(store: Store): Promise<Finding> {
  const message = store.is_embedded ? 'embedded database responds' : 'server responds'
  return store.probe().then(
    () => ({ check: 'database', result: 'ok', message }),
    (error: Error) => ({ check: 'database', result: 'error', message: `does not respond: ${error.message}` }),
  )
}

/** Runs checks that need the database. A check that throws becomes an error finding. */
async function runChecks(store: Store, checks: readonly ((store: Store) => Promise<Finding>)[]): Promise<Finding[]> {
  return Promise.all(
    checks.map((check) =>
      check(store).catch((error: Error) => ({ check: check.name, result: 'error' as const, message: error.message })),
    ),
  )
}

/** Older minor versions leak rows past row-level security: CVE-2023-2455, CVE-2024-10976, CVE-2025-8713. */
const oldestMinors: Readonly<Record<number, number>> = { 15: 14, 16: 10, 17: 6 }

async function serverVersion({ db }: Store): Promise<Finding> {
  const { number } = await db.systemTx((tx) =>
    tx.one<{ number: string }>(sql`select current_setting('server_version_num') as number`),
  )
  const [major, minor] = [Math.floor(Number(number) / 10_000), Number(number) % 10_000]
  const check = 'version'
  if (major < 15) return { check, result: 'error', message: `PostgreSQL ${major}: 15 or later is required` }
  if (minor < (oldestMinors[major] ?? 0)) {
    return {
      check,
      result: 'warning',
      message: `PostgreSQL ${major}.${minor}: update the minor version (known leaks past row-level security)`,
    }
  }
  return { check, result: 'ok', message: `PostgreSQL ${major}.${minor}` }
}

async function loginRole({ db, is_embedded }: Store): Promise<Finding> {
  const check = 'login role'
  if (is_embedded) return { check, result: 'ok', message: 'embedded: row-level security applies through SET ROLE' }
  const role = await db.systemTx((tx) =>
    tx.one<{ name: string; is_strong: boolean; owns: number }>(sql`
      select r.rolname as name, r.rolsuper or r.rolbypassrls as is_strong,
        (select count(*) from pg_class c where c.relowner = r.oid) as owns
      from pg_roles r where r.rolname = session_user`),
  )
  if (!role.is_strong && role.owns === 0) return { check, result: 'ok', message: `${role.name} owns nothing` }
  const why = role.is_strong ? 'may bypass row-level security' : `owns ${role.owns} tables and indexes`
  const message = `${role.name} ${why}: give the API its own login role (docs/configuration.md, "Roles")`
  return { check, result: 'warning', message }
}

async function serverSettings({ db, is_embedded }: Store, config: Config): Promise<Finding[]> {
  const found = is_embedded ? [] : await findServerProblems(db, config.database_pool_size)
  if (found === undefined)
    return [{ check: 'server', result: 'warning', message: 'could not read its settings within 500 ms' }]
  if (found.length === 0) return [{ check: 'server', result: 'ok', message: 'no setting conflicts with a guarantee' }]
  return found.map(({ name, severity, message }) => ({ check: name, result: severity, message }))
}

async function schema(store: Store): Promise<Finding> {
  const pending = await createMigratorFor(store).pending()
  return pending.length === 0
    ? { check: 'schema', result: 'ok', message: 'all migrations are applied' }
    : { check: 'schema', result: 'error', message: `${pending.length} pending: roost migrate up` }
}

async function tenancy(store: Store): Promise<Finding> {
  const { db, is_embedded } = store
  const is_behind = (await createMigratorFor(store).pending()).length > 0
  if (is_behind)
    return {
      check: 'tenancy',
      result: 'error',
      message: 'cannot be audited while migrations are pending: roost migrate up',
    }
  const { status, findings, rules } = await db.systemRead((tx) => auditTenancy(tx, { is_embedded }))
  // Reported by loginRole.
  const count = findings.filter(({ rule }) => rule !== 'O08').length
  const details = `${count} findings: roost verify tenancy --explain`
  if (status !== 'ok') return { check: 'tenancy', result: 'error', message: details }
  if (count > 0) return { check: 'tenancy', result: 'warning', message: `agencies are isolated; ${details}` }
  return { check: 'tenancy', result: 'ok', message: `agencies are isolated: ${rules} rules hold` }
}

async function subscribers(store: Store): Promise<Finding> {
  const check = 'events'
  if ((await createMigratorFor(store).pending()).length > 0) {
    return { check, result: 'warning', message: 'cannot be checked while migrations are pending: roost migrate up' }
  }
  const states = await readSubscriberStates(store.db)
  const dead = states.filter(({ dead_letters }) => dead_letters > 0)
  if (dead.length > 0) {
    const names = dead.map(({ name, dead_letters }) => `${name} (${dead_letters})`).join(', ')
    return { check, result: 'warning', message: `events that could not be handled by ${names}: roost events list` }
  }
  const late = states.filter(({ oldest_at }) => oldest_at !== null && Date.now() - Date.parse(oldest_at) > late_ms)
  if (late.length > 0) {
    const names = late.map(({ name, behind }) => `${name} (${behind} agencies)`).join(', ')
    return { check, result: 'warning', message: `events have waited for more than a minute for ${names}` }
  }
  return { check, result: 'ok', message: 'every subscriber is up to date' }
}

async function redis(context: CommandContext, config: Config): Promise<Finding> {
  const connection = createRedis(config.redis_url, context.log)
  const status = await connection.status()
  await connection.close()
  if (status === 'error')
    return { check: 'redis', result: 'warning', message: 'does not respond: rate limits are counted per process' }
  return {
    check: 'redis',
    result: 'ok',
    message: status === 'disabled' ? 'not used (REDIS_URL is not set)' : 'responds',
  }
}

async function mail(store: Store, config: Config): Promise<Finding> {
  if ((await createMigratorFor(store).pending()).length > 0) {
    return {
      check: 'mail',
      result: 'warning',
      message: 'cannot be checked while migrations are pending: roost migrate up',
    }
  }
  return { check: 'mail', ...judgeMail(await readMailStates(store.db), config) }
}

async function worker(store: Store): Promise<Finding> {
  const disabled = { status: async () => 'disabled' as const }
  const health = createHealth({ probe: store.probe, db: store.db, redis: disabled, schema_version: '' })
  const { checks } = await health.report()
  return checks.worker === 'ok'
    ? { check: 'worker', result: 'ok', message: 'heartbeat is recent' }
    : { check: 'worker', result: 'warning', message: 'no recent heartbeat: start `roost serve` or `roost worker`' }
}
