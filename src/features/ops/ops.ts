// The deployed commit and the state of the environment.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Config, findMissingSettings } from '../../config.ts'
import type { Actor } from '../../core/auth/actors.ts'
import type { Membership } from '../../core/auth/memberships.ts'
import { ForbiddenError } from '../../core/errors.ts'
import type { Health } from '../../core/health.ts'
import { findRecommendedSettings } from '../../core/recommended-settings.ts'
import type { TenancyWatch } from '../../core/tenancy/watch.ts'
import type { CurrentCommit, EnvSanity } from './schema.ts'

const root = join(import.meta.dirname, '../../..')
const run = promisify(execFile)

/** Throws ForbiddenError unless the actor's agency is OPS_AGENCY. Without OPS_AGENCY every agency is permitted. */
export function requireOpsAgency(slug: string | undefined, actor: Actor, memberships: readonly Membership[]): void {
  if (slug === undefined) return
  const membership = memberships.find(({ agency_id }) => agency_id === actor.agency_id)
  if (membership?.agency_slug !== slug) {
    throw new ForbiddenError({ message: 'Only admins of the agency that operates this deployment may do this.' })
  }
}

const unknown_commit = 'unknown'

/**
 * Returns a function for the commit of this process: COMMIT_SHA, else git's HEAD in `folder`, else 'unknown'. git is called
 * at start-up, because a later checkout does not change the running code; after a failure it is called again on demand.
 */
export function commitOf(config: Pick<Config, 'commit_sha'>, folder = root): () => Promise<string> {
  const { commit_sha } = config
  if (commit_sha !== undefined) return async () => commit_sha
  let head = headOf(folder)
  return async () => {
    const known = await head
    if (known === undefined) head = headOf(folder)
    return known ?? unknown_commit
  }
}

/** Undefined when git is missing, has no commit here or takes longer than a second. */
async function headOf(folder: string): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', ['rev-parse', '--verify', 'HEAD'], { cwd: folder, timeout: 1000 })
    return stdout.trim()
  } catch {
    return undefined
  }
}

export async function currentCommit(
  commit: () => Promise<string>,
  config: Pick<Config, 'deployed_at'>,
): Promise<CurrentCommit> {
  return { commit_sha: await commit(), deployed_at: config.deployed_at ?? null }
}

/** At most a second old. The field `celery` is the background worker (docs/ops/runbook.md). Needs no database. */
export async function envSanity(
  health: Health,
  tenancy: TenancyWatch,
  config: Config,
  commit: () => Promise<string>,
): Promise<EnvSanity> {
  const [{ checks }, audit, commit_sha] = await Promise.all([health.report(), tenancy.audit(), commit()])
  const { db, redis, worker } = checks
  const recommended = findRecommendedSettings(config).map(({ name }) => name)
  const is_unknown = config.database_url !== undefined && commit_sha === unknown_commit
  const missing = [...findMissingSettings(config), ...(is_unknown ? ['COMMIT_SHA'] : []), ...recommended]
  return {
    db,
    redis,
    celery: worker,
    tenancy: audit?.status === 'ok' ? 'ok' : 'error',
    env: { ok: missing.length === 0, missing },
  }
}
