// The search for a guest's name folds only names that are not stored in folded form.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { north, players } from '../../../test/cast.ts'
import { castPerTest } from '../../../test/harness.ts'
import { must, newProperty, stay } from '../../../test/steps.ts'
import type { Tx } from '../../core/postgres/transaction.ts'
import { filtersOf } from './filters.ts'

const { manager, staff, store } = await castPerTest()

/** The most calls of app.folded for the word that is looked for; how many depends on the plan. */
const folds_of_word = 8

/** How often a search calls app.folded, also for the words that are looked for. */
async function foldsOf(q: string): Promise<number> {
  const actor = { agency_id: north, id: players.staff.user_id, kind: 'person', role: 'staff' } as const
  const { text, values } = filtersOf({ agency_id: north, actor } as unknown as Tx, { q, limit: 50 })
  const owner = await store.connectOwner()
  try {
    await owner.query('begin')
    await owner.query("set local track_functions = 'all'")
    await owner.query(`select count(*) from bookings b where ${text}`, [...values])
    const { rows } = await owner.query(
      "select coalesce(sum(calls), 0)::int as calls from pg_stat_xact_user_functions where funcname = 'folded'",
    )
    return Number(rows[0]?.calls)
  } finally {
    await owner.query('rollback')
    await owner.release()
  }
}

const daysOf = async (q: string) =>
  must(200, await staff.get(`bookings?sort=check_in&q=${encodeURIComponent(q)}`)).body.items.map(
    ({ check_in }: { check_in: string }) => check_in,
  )

test('a search folds no name that a booking has in common with its guest', async () => {
  const property_id = await newProperty(manager)
  const book = async (check_in: string, last_name: string, email: string) => {
    const guest = { first_name: 'Zoë', last_name, email }
    must(201, await staff.post('bookings', stay(property_id, check_in, 1, { guest })))
  }
  for (let day = 10; day < 30; day += 1) await book(`2031-05-${day}`, `Müller ${day}`, `guest-${day}@example.net`)
  const folds = await foldsOf('zzzz')
  assert.ok(folds <= folds_of_word, `${folds} folds`)
  await book('2031-06-01', 'Gewählt', 'guest-10@example.net')
  assert.deepEqual(await daysOf('gewahlt'), ['2031-06-01'])
  assert.deepEqual(await daysOf('mueller 10'), ['2031-05-10', '2031-06-01'])
  assert.equal((await daysOf('zoe')).length, 21)
})
