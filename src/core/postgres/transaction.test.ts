// tx.queue and tx.savepoint: failures of queued statements, and what a savepoint rolls back.
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import sql from 'sql-template-tag'
import { castOf, seedCast } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import type { Tx } from './transaction.ts'

const store = await openTestStore()
after(() => store.close())

/** Each test has its own agency. */
let { north, castProperties, players } = castOf(0)
let actor = adminOf()
let num_tests = 0
beforeEach(async () => {
  num_tests += 1
  const own = castOf(num_tests)
  await seedCast(store.owner, own)
  ;({ north, castProperties, players } = own)
  actor = adminOf()
})

function adminOf() {
  return { agency_id: north, role: 'admin', id: players.admin.user_id, kind: 'person' } as const
}

const rename = (tx: Tx, name: string) => sql`
  update properties p set name = ${name} where p.agency_id = ${tx.agency_id} and p.id = ${castProperties.town.id}`
/** Violates a check constraint. */
const overfill = (tx: Tx) => sql`
  update properties p set max_guests = 0 where p.agency_id = ${tx.agency_id} and p.id = ${castProperties.town.id}`

async function name(): Promise<unknown> {
  const { rows } = await store.owner.query('select name from properties where id = $1', [castProperties.town.id])
  return rows[0]?.name
}

test('a queued statement is committed with the transaction', async () => {
  await store.db.tenantTx(actor, async (tx) => tx.queue(rename(tx, 'Sent')))
  assert.equal(await name(), 'Sent')
})

test('a queued statement that fails rolls the transaction back', async () => {
  const work = store.db.tenantTx(actor, async (tx) => {
    await tx.query(rename(tx, 'Lost'))
    tx.queue(overfill(tx))
  })
  await assert.rejects(work, { code: 'VALIDATION_ERROR' })
  assert.equal(await name(), 'Town Flat')
})

test('the error of a failed queued statement is reported, not that of a later statement', async () => {
  const work = store.db.tenantTx(actor, async (tx) => {
    tx.queue(overfill(tx))
    await tx.query(rename(tx, 'Lost'))
  })
  await assert.rejects(work, { code: 'VALIDATION_ERROR' })
  assert.equal(await name(), 'Town Flat')
})

test('a savepoint that fails rolls back only its own statements', async () => {
  const outcome = await store.db.tenantTx(actor, async (tx) => {
    tx.queue(rename(tx, 'Kept'))
    const attempt = tx.savepoint(async () => {
      tx.queue(overfill(tx))
      await tx.query(rename(tx, 'Lost'))
    })
    return attempt.then(
      () => 'done',
      (error: { code: string }) => error.code,
    )
  })
  assert.equal(outcome, '23514')
  assert.equal(await name(), 'Kept')
})

test('sequential and nested savepoints are rolled back independently', async () => {
  await store.db.tenantTx(actor, async (tx) => {
    await tx.savepoint(async () => {
      await tx.savepoint(() => tx.query(rename(tx, 'Inner')))
      await assert.rejects(
        tx.savepoint(() => tx.query(overfill(tx))),
        { code: '23514' },
      )
    })
    await assert.rejects(
      tx.savepoint(async () => {
        await tx.query(rename(tx, 'Lost'))
        throw new Error('thought better of it')
      }),
      /better/,
    )
  })
  assert.equal(await name(), 'Inner')
})
