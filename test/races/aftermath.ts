// What is looked at after a race: nights taken twice, bookings the ledger disagrees with, deadlocks the server had to break.
import type { TestStore } from '../engines.ts'
import { until } from '../until.ts'

export interface Aftermath {
  /** Pairs of live bookings, and of rows of the ledger, that share a night; and bookings the ledger disagrees with. */
  overlaps(): Promise<object>
  /** How often the server has broken a deadlock in this database. Ends the API's sessions, for only then all have told. */
  deadlocks(): Promise<number>
}

/** As `overlaps` says it when all is well. */
export const none = { bookings: 0, nights: 0, disagreements: 0 }

export function aftermathIn({ owner }: Pick<TestStore, 'owner'>): Aftermath {
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
