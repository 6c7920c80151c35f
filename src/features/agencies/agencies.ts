// Agencies: created by the operator's command line, found by slug.
import { randomUUIDv7 } from 'node:crypto'
import sql from 'sql-template-tag'
import { operatorOf } from '../../core/auth/actors.ts'
import { ConflictError, invalid } from '../../core/errors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { isCurrency } from '../../core/money.ts'
import type { Database } from '../../core/postgres/database.ts'
import { onConstraint } from '../../core/postgres/database-errors.ts'
import { requireLine } from '../../core/text.ts'
import { requireTimeZone } from '../../core/time-zones.ts'

export interface Agency {
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly currency: string
}

export interface NewAgency {
  readonly name: string
  /** Lower-case letters, digits and hyphens; unique in the deployment. */
  readonly slug: string
  readonly currency?: string
  readonly time_zone?: string
}

/** Throws ConflictError when the slug is taken, ValidationError for a malformed field. */
export async function createAgency(db: Database, input: NewAgency): Promise<Agency> {
  const name = requireLine(input.name, '/name', 200)
  requireWellFormed(input)
  const time_zone = requireTimeZone(input.time_zone ?? 'Europe/Berlin')
  const actor = operatorOf(randomUUIDv7())
  return db.tenantTx(actor, async (tx) => {
    const insert = tx.one<Agency>(sql`
      insert into agencies (id, name, slug, currency, time_zone)
      values (${tx.agency_id}, ${name}, ${input.slug}, ${input.currency ?? 'EUR'}, ${time_zone})
      returning id, name, slug, currency`)
    const agency = await onConstraint(insert, { agencies_slug_key: slugTaken })
    recordAudit(tx, {
      action: 'agency.created',
      entity_type: 'agency',
      entity_id: agency.id,
      version: 1,
      after: agency,
    })
    return agency
  })
}

function requireWellFormed({ slug, currency }: NewAgency): void {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(slug)) throw invalid('/slug', 'must be lower-case letters, digits and hyphens')
  if (currency !== undefined && !isCurrency(currency)) throw invalid('/currency', 'must be an ISO 4217 code: EUR')
}

function slugTaken(): ConflictError {
  return new ConflictError({ details: [{ pointer: '/slug', code: 'TAKEN', message: 'another agency has this slug' }] })
}

/** The open agency with this slug, or undefined. */
export async function findAgency(db: Database, slug: string): Promise<Agency | undefined> {
  return db.systemTx((tx) => tx.maybe<Agency>(sql`select id, name, slug, currency from app.find_agency(${slug})`))
}

/** Adds the entry of an export by the operator. Call it before the data is read: an export that fails half-way is recorded too. */
export async function recordExport(db: Database, agency_id: string): Promise<void> {
  await db.tenantTx(operatorOf(agency_id), async (tx) => {
    const { version } = await tx.one<{ version: number }>(sql`
      select a.version from agencies a where a.id = ${tx.agency_id}`)
    recordAudit(tx, { action: 'agency.exported', entity_type: 'agency', entity_id: agency_id, version })
  })
}

/** The number of agencies; 0 in a new database. */
export async function countAgencies(db: Database): Promise<number> {
  const { count } = await db.systemTx((tx) => tx.one<{ count: number }>(sql`select app.count_agencies() as count`))
  return count
}
