// What the search reads of the ledger does not grow with the past of the properties.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { north, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { newProperty } from '../../../test/steps.ts'
import { createCursors } from '../../core/cursors.ts'
import { searchProperties } from './search.ts'

const { manager, store } = await cast()
const actor = { agency_id: north, role: 'admin', id: players.admin.user_id, kind: 'person' } as const
const count = sql`select seq_tup_read + idx_tup_fetch as n from pg_stat_xact_user_tables where relname = 'occupancies'`

for (const nearby of [false, true]) {
  test(`${nearby ? 'with' : 'without'} nearby, of 2,000 past stays of a property none is read`, async () => {
    const property_id = await newProperty(manager)
    await store.owner.query(`insert into occupancies (agency_id, id, property_id, kind, during)
      select '${north}', gen_random_uuid(), '${property_id}', 'channel', daterange(date '2020-01-01' + n, date '2020-01-02' + n)
      from generate_series(1, 2000) n`)
    await store.owner.query('analyze occupancies')
    const query = { check_in: '2031-05-10', check_out: '2031-05-12', guests: 2, limit: 50, nearby }
    const read = await store.db.tenantTx(actor, async (tx) => {
      const before = await tx.one<{ n: number }>(count)
      const { items } = await searchProperties(tx, createCursors('secret'), query)
      assert.ok(items.length >= 4)
      return (await tx.one<{ n: number }>(count)).n - before.n
    })
    assert.ok(read < 10, `${read} rows of the ledger were read`)
  })
}
