// What a read of the ledger costs does not grow with the past of a property.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { north, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { newProperty } from '../../../test/steps.ts'
import { createCursors } from '../../core/cursors.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { readReport } from '../reports/reports.ts'
import { readToday } from '../today/today.ts'
import { readCalendar, readOverview } from './calendar.ts'
import { loadContext } from './context.ts'
import { deleteExpired } from './reserve.ts'
import { both_sides } from './rules.ts'

const { manager, store } = await cast()
const actor = { agency_id: north, role: 'admin', id: players.admin.user_id, kind: 'person' } as const

const reads: Record<string, (tx: Tx, property_id: string) => Promise<unknown>> = {
  'the rules of a stay': (tx, property_id) =>
    loadContext(tx, { property_id, check_in: '2031-05-10', check_out: '2031-05-12' }, { buffers: both_sides }),
  'a calendar': (tx, property_id) => readCalendar(tx, { property_id, from: '2031-05-01', to: '2031-06-01' }),
  'an overview': (tx) =>
    readOverview(tx, createCursors('secret'), { from: '2031-05-01', to: '2031-06-01', limit: 100 }),
  'a day at the desk': (tx) => readToday(tx, createCursors('secret'), { day: '2031-05-10' }),
  'a report': (tx) => readReport(tx, { from: '2031-05-01', to: '2031-06-01', group_by: 'month' }),
  'the removal of expired holds': (tx, property_id) =>
    deleteExpired(tx, [{ property_id, check_in: '2031-05-10', check_out: '2031-05-12' }]),
}

/** The rows of the ledger that the work reads. */
async function rowsRead(work: (tx: Tx) => Promise<unknown>): Promise<number> {
  const count = sql`select seq_tup_read + idx_tup_fetch as n from pg_stat_xact_user_tables where relname = 'occupancies'`
  return store.db.tenantTx(actor, async (tx) => {
    const before = await tx.one<{ n: number }>(count)
    await work(tx)
    return (await tx.one<{ n: number }>(count)).n - before.n
  })
}

for (const [what, read] of Object.entries(reads)) {
  test(`${what}: of 2,000 past stays none is read`, async () => {
    const property_id = await newProperty(manager)
    await store.owner.query(`insert into occupancies (agency_id, id, property_id, kind, during)
      select '${north}', gen_random_uuid(), '${property_id}', 'channel', daterange(date '2020-01-01' + n, date '2020-01-02' + n)
      from generate_series(1, 2000) n`)
    await store.owner.query('analyze occupancies')
    const n = await rowsRead((tx) => read(tx, property_id))
    assert.ok(n < 10, `${n} rows of the ledger were read`)
  })
}
