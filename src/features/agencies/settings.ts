// The settings of an agency: name, time zone, currency, language, and limits of holds.
import sql from 'sql-template-tag'
import { pickChanges, recordAudit } from '../../core/events/audit.ts'
import { assignments } from '../../core/postgres/sql.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { requireTimeZone } from '../../core/time-zones.ts'
import { type ExpectedVersions, requireVersion } from '../../core/versions.ts'
import type { AgencyPatch, AgencySettings } from './schema.ts'

type Stored = Omit<AgencySettings, 'is_ops_agency'>

const settingColumns = sql`a.id, a.slug, a.name, a.time_zone, a.currency, a.language, a.hold_minutes, a.holds_per_user,
  a.version, a.created_at, a.updated_at`

/** `ops_agency` is the value of OPS_AGENCY; without it the admins of every agency may use /ops. */
function asSettings(stored: Stored, ops_agency: string | undefined): AgencySettings {
  return { ...stored, is_ops_agency: ops_agency === undefined || ops_agency === stored.slug }
}

export async function getSettings(tx: Tx, ops_agency: string | undefined): Promise<AgencySettings> {
  const stored = await tx.one<Stored>(sql`select ${settingColumns} from agencies a where a.id = ${tx.agency_id}`)
  return asSettings(stored, ops_agency)
}

/** Throws VersionMismatchError, and ValidationError for an unknown time zone. */
export async function updateSettings(
  tx: Tx,
  patch: AgencyPatch,
  ops_agency: string | undefined,
  expected?: ExpectedVersions,
): Promise<AgencySettings> {
  const before = await tx.one<Stored>(sql`
    select ${settingColumns} from agencies a where a.id = ${tx.agency_id} for no key update of a`)
  requireVersion(before.version, expected)
  const time_zone = patch.time_zone === undefined ? {} : { time_zone: requireTimeZone(patch.time_zone) }
  const after = await tx.one<Stored>(sql`
    update agencies a set ${assignments({ ...patch, ...time_zone })} where a.id = ${tx.agency_id} returning ${settingColumns}`)
  const { before: old, after: now } = pickChanges(settingsOf(before), settingsOf(after))
  if (Object.keys(now).length > 0) {
    const entry = { action: 'agency.updated', entity_type: 'agency', entity_id: tx.agency_id, version: after.version }
    recordAudit(tx, { ...entry, before: old, after: now })
  }
  return asSettings(after, ops_agency)
}

/** Without the columns that every update changes. */
function settingsOf({ version: _, updated_at: __, ...settings }: Stored) {
  return settings
}
