// Proves what becomes of statements nobody waits for: they count as much as all others.
import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import sql from 'sql-template-tag'
import { castOf, seedCast } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import type { Tx } from './transaction.ts'

const store = await openTestStore()
after(() => store.close())

/** Each test has an agency of its own. */
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
  return { agency_id: north, role: 'admin', user_id: players.admin.user_id } as const
}

const rename = (tx: Tx, name: string) => sql`
  update properties p set name = ${name} where p.agency_id = ${tx.agency_id} and p.id = ${castProperties.town.id}`
/** Refused by a constraint: no guest at all. */
const overfill = (tx: Tx) => sql`
  update properties p set max_guests = 0 where p.agency_id = ${tx.agency_id} and p.id = ${castProperties.town.id}`

async function name(): Promise<unknown> {
  const { rows } = await store.owner.query('select name from properties where id = $1', [castProperties.town.id])
  return rows[0]?.name
}

test('what is sent last is saved with the rest', async () => {
  await store.db.tenantTx(actor, async (tx) => tx.send(rename(tx, 'Sent')))
  assert.equal(await name(), 'Sent')
})

test('a sent statement that fails undoes the transaction, though nobody waits for it', async () => {
  const work = store.db.tenantTx(actor, async (tx) => {
    await tx.query(rename(tx, 'Lost'))
    tx.send(overfill(tx))
  })
  await assert.rejects(work, { code: 'VALIDATION_ERROR' })
  assert.equal(await name(), 'Town Flat')
})

test('its failure is told, not that the statements behind it cannot run any more', async () => {
  const work = store.db.tenantTx(actor, async (tx) => {
    tx.send(overfill(tx))
    await tx.query(rename(tx, 'Lost'))
  })
  await assert.rejects(work, { code: 'VALIDATION_ERROR' })
  assert.equal(await name(), 'Town Flat')
})

test('an attempt that fails takes back what was sent in it, and nothing else; the transaction goes on', async () => {
  const outcome = await store.db.tenantTx(actor, async (tx) => {
    tx.send(rename(tx, 'Kept'))
    const attempt = tx.attempt(async () => {
      tx.send(overfill(tx))
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

test('attempts one after the other, and one in another, each stand for themselves', async () => {
  await store.db.tenantTx(actor, async (tx) => {
    await tx.attempt(async () => {
      await tx.attempt(() => tx.query(rename(tx, 'Inner')))
      await assert.rejects(
        tx.attempt(() => tx.query(overfill(tx))),
        { code: '23514' },
      )
    })
    await assert.rejects(
      tx.attempt(async () => {
        await tx.query(rename(tx, 'Lost'))
        throw new Error('thought better of it')
      }),
      /better/,
    )
  })
  assert.equal(await name(), 'Inner')
})
