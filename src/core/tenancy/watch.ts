// The tenancy audit of a running service: made at most once a minute, for readiness, /ops and the log.

import type { Logger } from '../log.ts'
import type { Database } from '../postgres/database.ts'
import { cached } from '../ttl-cache.ts'
import { auditTenancy, type TenancyAudit } from './audit.ts'

export interface TenancyWatch {
  /** At most a minute old, five seconds while there are findings; undefined while the database could not be asked yet. */
  audit(): Promise<CheckedAudit | undefined>
}

export interface CheckedAudit extends TenancyAudit {
  readonly checked_at: string
}

export interface WatchOptions {
  readonly db: Database
  readonly is_embedded: boolean
  readonly log: Logger
  /** Milliseconds of a clock that never goes back; performance.now unless a test turns it. */
  readonly now?: () => number
}

const minute = 60_000

export function createTenancyWatch({
  db,
  is_embedded,
  log,
  now = () => performance.now(),
}: WatchOptions): TenancyWatch {
  let told = ''

  /** A database that is away says nothing about its catalog: what was known before still holds. */
  async function look(before?: CheckedAudit): Promise<CheckedAudit | undefined> {
    try {
      const audit = await db.systemRead((tx) => auditTenancy(tx, { is_embedded }))
      tell(audit)
      return { ...audit, checked_at: new Date().toISOString() }
    } catch (error) {
      log.warn({ err: error }, 'the tenancy audit could not run')
      return before
    }
  }

  /** Each set of findings once: an operator needs the news, not a line a second. */
  function tell({ findings }: TenancyAudit): void {
    const now_told = JSON.stringify(findings)
    if (now_told === told) return
    told = now_told
    const errors = findings.filter(({ severity }) => severity === 'error')
    if (errors.length > 0)
      log.error({ findings: errors }, 'the tenancy audit has findings: roost verify tenancy --explain')
    else if (findings.length > 0) log.warn({ findings }, 'the tenancy audit has warnings')
  }

  return { audit: cached<CheckedAudit | undefined>(now, look, (audit) => (audit?.status === 'ok' ? minute : 5000)) }
}
