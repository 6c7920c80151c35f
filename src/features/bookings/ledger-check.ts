// Checks that no night is taken twice and that bookings and occupancies agree, in every agency. The database refuses both
// (occupancies_no_overlap, bookings_occupancy_fkey), so a finding means a faulty restore or a dropped constraint.
import sql, { raw } from 'sql-template-tag'
import { listAgencies } from '../../core/agency-list.ts'
import { jobOf } from '../../core/auth/actors.ts'
import type { Subscriber } from '../../core/events/subscriber.ts'
import type { Logger } from '../../core/log.ts'
import type { Database } from '../../core/postgres/database.ts'
import { QueryTimeoutError } from '../../core/server-errors.ts'
import { hasNightIn, occupyingStatuses } from '../availability/occupancies.ts'

export interface LedgerCounts {
  /** Occupancies that begin before an earlier one of the same property has ended. */
  readonly nights: number
  /** The same of bookings whose status takes nights. */
  readonly bookings: number
  /** Bookings whose status takes nights without a matching occupancy, and occupancies without such a booking. */
  readonly disagreements: number
}

export interface LedgerCheck extends LedgerCounts {
  readonly agencies: number
  /** One for each agency with a count above 0, or that could not be read in time. */
  readonly findings: readonly string[]
}

/** Reads all agencies, or one; one statement for each. Throws the reason of `signal` when it is aborted. */
export async function checkLedger(db: Database, agency_id?: string, signal?: AbortSignal): Promise<LedgerCheck> {
  const all = await listAgencies(db)
  const agencies = agency_id === undefined ? all : all.filter(({ id }) => id === agency_id)
  const sum = { nights: 0, bookings: 0, disagreements: 0 }
  const findings: string[] = []
  for (const { id, slug } of agencies) {
    signal?.throwIfAborted()
    const counts = await countInAgency(db, id).catch(undefinedOnTimeout)
    if (counts === undefined) {
      findings.push(`agency ${slug}: not checked, the statement took too long`)
      continue
    }
    const { nights, bookings, disagreements } = counts
    sum.nights += nights
    sum.bookings += bookings
    sum.disagreements += disagreements
    if (nights + bookings + disagreements > 0) {
      findings.push(
        `agency ${slug}: ${nights} overlaps of occupancies, ${bookings} of bookings, ${disagreements} disagreements`,
      )
    }
  }
  return { agencies: agencies.length, ...sum, findings }
}

/** A large agency must not keep the others from being checked. */
function undefinedOnTimeout(error: unknown): undefined {
  if (!(error instanceof QueryTimeoutError)) throw error
}

/** Checks the bookings, blocks and holds that changed in the last seconds. */
export function createLedgerSubscriber(log: Logger): Subscriber {
  return {
    name: 'ledger-check',
    types: ['booking.', 'block.', 'hold.'],
    collect_ms: 5000,
    async handle(db, agency_id, events) {
      const ids = [...new Set(events.map(({ entity_id }) => entity_id))].filter((id) => id !== null)
      if (ids.length === 0) return
      const counts = await countOfChanged(db, agency_id, ids)
      const { nights, disagreements } = counts
      if (nights + disagreements > 0) log.error({ agency_id, ids, ...counts }, 'bookings and the ledger disagree')
    },
  }
}

/**
 * The counts of these bookings, blocks and holds, by index. Bookings that overlap are not counted by themselves: either their
 * occupancies overlap, or one of them disagrees with its occupancy.
 */
function countOfChanged(
  db: Database,
  agency_id: string,
  ids: readonly string[],
): Promise<Pick<LedgerCounts, 'nights' | 'disagreements'>> {
  return db.tenantRead(jobOf(agency_id), (tx) => {
    const taken = (column: 'booking_id' | 'block_id' | 'hold_id') => sql`
      select o.id, o.property_id, o.booking_id, o.check_in, o.check_out from occupancies o
      where o.agency_id = ${tx.agency_id} and ${raw(`o.${column}`)} = any (${ids}::uuid[])`
    return tx.one(sql`
      with live as (
        select b.id, b.property_id, b.check_in, b.check_out from bookings b
        where b.agency_id = ${tx.agency_id} and b.id = any (${ids}::uuid[]) and b.deleted_at is null
          and b.status = any (${occupyingStatuses})
      ), taken as (${taken('booking_id')} union all ${taken('block_id')} union all ${taken('hold_id')})
      select
        (select count(*)::int from taken t where exists (select from occupancies o where o.agency_id = ${tx.agency_id}
          and o.property_id = t.property_id and ${hasNightIn(sql`t.check_in`, sql`t.check_out`)} and o.id <> t.id)) as nights,
        (select count(*)::int ${disagreementsOf}) as disagreements`)
  })
}

/** Of the relations `live`, bookings whose status takes nights, and `taken`, occupancies. */
const disagreementsOf = sql`from live l
  full join (select t.id, t.property_id, t.booking_id, t.check_in, t.check_out from taken t where t.booking_id is not null) o
    on o.booking_id = l.id
  where l.id is null or o.id is null or o.property_id <> l.property_id
    or (o.check_in, o.check_out) <> (l.check_in, l.check_out)`

/** The counts of one agency. */
export function countInAgency(db: Database, agency_id: string): Promise<LedgerCounts> {
  return db.tenantRead(jobOf(agency_id), (tx) =>
    tx.one<LedgerCounts>(sql`
      with live as (
        select b.id, b.property_id, b.check_in, b.check_out from bookings b
        where b.agency_id = ${tx.agency_id} and b.deleted_at is null and b.status = any (${occupyingStatuses})
      ), taken as (
        select o.id, o.property_id, o.booking_id, o.check_in, o.check_out from occupancies o where o.agency_id = ${tx.agency_id}
      ), ordered as (
        select 'taken' as kind, t.check_in as begins, max(t.check_out) over earlier as earlier_end from taken t
        window earlier as (partition by t.property_id order by t.check_in, t.id
          rows between unbounded preceding and 1 preceding)
        union all
        select 'live', l.check_in, max(l.check_out) over earlier from live l
        window earlier as (partition by l.property_id order by l.check_in, l.id
          rows between unbounded preceding and 1 preceding)
      )
      select
        (select count(*)::int from ordered d where d.kind = 'taken' and d.earlier_end > d.begins) as nights,
        (select count(*)::int from ordered d where d.kind = 'live' and d.earlier_end > d.begins) as bookings,
        (select count(*)::int ${disagreementsOf}) as disagreements`),
  )
}
