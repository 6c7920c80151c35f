// Runs the tenancy audit in a service, at most once a minute, for readiness, /ops and the log.

import type { Logger } from '../log.ts'
import type { Database } from '../postgres/database.ts'
import { cached } from '../ttl-cache.ts'
import { auditTenancy, type TenancyAudit } from './audit.ts'

export interface TenancyWatch {
  /** At most a minute old, or five seconds with findings. Undefined until the first audit has succeeded. */
  audit(): Promise<CheckedAudit | undefined>
}

interface CheckedAudit extends TenancyAudit {
  readonly checked_at: string
}

export interface WatchOptions {
  readonly db: Database
  readonly is_embedded: boolean
  readonly log: Logger
  /** A monotonic clock in milliseconds. Default: performance.now. */
  readonly now?: () => number
}

const clean_ttl_ms = 60_000
const findings_ttl_ms = 5000

export function createTenancyWatch({
  db,
  is_embedded,
  log,
  now = () => performance.now(),
}: WatchOptions): TenancyWatch {
  let last_logged = ''

  /** Returns the previous audit when the database is unavailable. */
  async function runAudit(previous?: CheckedAudit): Promise<CheckedAudit | undefined> {
    try {
      const audit = await db.systemRead((tx) => auditTenancy(tx, { is_embedded }))
      logFindings(audit)
      return { ...audit, checked_at: new Date().toISOString() }
    } catch (error) {
      log.warn({ err: error }, 'the tenancy audit could not run')
      return previous
    }
  }

  /** Logs each set of findings once. */
  function logFindings({ findings }: TenancyAudit): void {
    const text = JSON.stringify(findings)
    if (text === last_logged) return
    last_logged = text
    const errors = findings.filter(({ severity }) => severity === 'error')
    if (errors.length > 0)
      log.error({ findings: errors }, 'the tenancy audit has findings: roost verify tenancy --explain')
    else if (findings.length > 0) log.warn({ findings }, 'the tenancy audit has warnings')
  }

  return {
    audit: cached<CheckedAudit | undefined>(now, runAudit, (audit) =>
      audit?.status === 'ok' ? clean_ttl_ms : findings_ttl_ms,
    ),
  }
}
