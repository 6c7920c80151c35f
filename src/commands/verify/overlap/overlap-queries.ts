// Queries after the races: overlaps, bookings without matching occupancy rows, deadlocks.
import sql from 'sql-template-tag'
import type { Database } from '../../../core/postgres/database.ts'
import { operatorOf } from '../../../features/agencies/agencies.ts'

export interface Overlaps {
  /** Pairs of occupancy rows that share a night of one property. */
  readonly nights: number
  /** Pairs of bookings, with an occupying status, that share a night of one property. */
  readonly bookings: number
  /** Such bookings without a matching occupancy row, and occupancy rows without such a booking. */
  readonly disagreements: number
}

export async function countOverlaps(db: Database, agency_id: string): Promise<Overlaps> {
  return db.tenantRead(operatorOf(agency_id), (tx) =>
    tx.one<Overlaps>(sql`
      with live as (
        select b.id, b.property_id, b.check_in, b.check_out from bookings b
        where b.agency_id = ${tx.agency_id} and b.deleted_at is null
          and b.status in ('pending', 'confirmed', 'checked_in', 'checked_out')
      ), taken as (
        select o.id, o.property_id, o.booking_id, o.during from occupancies o where o.agency_id = ${tx.agency_id}
      )
      select
        (select count(*)::int from taken a join taken b
          on a.property_id = b.property_id and a.id < b.id and a.during && b.during) as nights,
        (select count(*)::int from live a join live b
          on a.property_id = b.property_id and a.id < b.id and a.check_in < b.check_out and b.check_in < a.check_out)
          as bookings,
        (select count(*)::int
          from live a full join (select * from taken where booking_id is not null) o on o.booking_id = a.id
          where a.id is null or o.id is null or o.property_id <> a.property_id
            or o.during <> daterange(a.check_in, a.check_out)) as disagreements`),
  )
}

/**
 * The total number of deadlocks in this database. Sessions report their statistics with a delay, so each of the pool's
 * `connections` is made to flush them first.
 */
export async function countDeadlocks(db: Database, connections: number): Promise<number> {
  let missing = connections
  const all = Promise.withResolvers<void>()
  const markFlushed = () => {
    missing -= 1
    if (missing <= 0) all.resolve()
  }
  const flush = () =>
    db.systemTx(async (tx) => {
      await tx.query(sql`select pg_stat_force_next_flush()`)
      markFlushed()
      await all.promise
    })
  // A connection that cannot be acquired has no statistics to flush.
  await Promise.all(Array.from({ length: connections }, () => flush().catch(markFlushed)))
  const { count } = await db.systemTx((tx) =>
    tx.one<{ count: number }>(sql`select deadlocks as count from pg_stat_database where datname = current_database()`),
  )
  return count
}
