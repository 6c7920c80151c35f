// Checks after a race: nights taken twice, bookings that differ from their occupancy rows, deadlocks.
import type { TestStore } from '../engines.ts'
import { until } from '../until.ts'

export interface ConsistencyChecks {
  /** Pairs of live bookings and of occupancy rows that share a night, and bookings that differ from their occupancy rows. */
  overlaps(): Promise<object>
  /** Deadlocks that the server has broken in this database. Ends the API's sessions first: statistics are flushed at exit. */
  deadlocks(): Promise<number>
}

/** The result of `overlaps` without any. */
export const none = { bookings: 0, nights: 0, disagreements: 0 }

export function consistencyChecks({ owner }: Pick<TestStore, 'owner'>): ConsistencyChecks {
  const rowsOf = async (text: string) => (await owner.query(text)).rows
  return {
    async overlaps() {
      const [found] = await rowsOf(`
        with live as (
          select * from bookings
          where deleted_at is null and status in ('pending', 'confirmed', 'checked_in', 'checked_out')
        )
        select
          (select count(*)::int from live a join live b on a.property_id = b.property_id and a.id < b.id
            and a.check_in < b.check_out and b.check_in < a.check_out) as bookings,
          (select count(*)::int from occupancies a join occupancies b on a.property_id = b.property_id and a.id < b.id
            and a.during && b.during) as nights,
          (select count(*)::int from live a full join occupancies o on o.booking_id = a.id
            where a.id is null or o.id is null or o.property_id <> a.property_id
              or o.during <> daterange(a.check_in, a.check_out)) as disagreements`)
      return found ?? {}
    },
    async deadlocks() {
      const mine = "from pg_stat_activity where datname = current_database() and usename = 'roost_test_api'"
      await rowsOf(`select pg_terminate_backend(pid) ${mine}`)
      await until(async () => (await rowsOf(`select 1 ${mine}`)).length === 0)
      const [found] = await rowsOf(
        'select deadlocks::int as n from pg_stat_database where datname = current_database()',
      )
      return found?.n as number
    },
  }
}
