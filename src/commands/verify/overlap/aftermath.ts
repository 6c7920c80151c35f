// What is looked at when the races are over: nights taken twice, bookings the ledger disagrees with, deadlocks.
import sql from 'sql-template-tag'
import type { Database } from '../../../core/postgres/database.ts'
import { operatorOf } from '../../../features/agencies/agencies.ts'

export interface Overlaps {
  /** Pairs of rows of the ledger that share a night in one property. */
  readonly nights: number
  /** The same of bookings that take their nights. */
  readonly bookings: number
  /** Such bookings without their row in the ledger or with another one, and rows of the ledger without a booking. */
  readonly disagreements: number
}

export async function overlapsIn(db: Database, agency_id: string): Promise<Overlaps> {
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
 * How often the server has broken a deadlock in this database, ever. A session tells the server what it has counted
 * only now and then: each of the pool's `connections` is made to tell first.
 */
export async function countDeadlocks(db: Database, connections: number): Promise<number> {
  let missing = connections
  const all = Promise.withResolvers<void>()
  const arrive = () => {
    missing -= 1
    if (missing <= 0) all.resolve()
  }
  const tell = () =>
    db.systemTx(async (tx) => {
      await tx.query(sql`select pg_stat_force_next_flush()`)
      arrive()
      await all.promise
    })
  // One that cannot be had has nothing to tell.
  await Promise.all(Array.from({ length: connections }, () => tell().catch(arrive)))
  const { count } = await db.systemTx((tx) =>
    tx.one<{ count: number }>(sql`select deadlocks as count from pg_stat_database where datname = current_database()`),
  )
  return count
}
