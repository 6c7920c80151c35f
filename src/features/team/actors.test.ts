// Actors: made with an agency and a membership, kept afterwards, and named in audit entries.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { castProperties, north, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'
import { must } from '../../../test/steps.ts'
import { type Actor, jobOf, operatorOf } from '../../core/auth/actors.ts'
import { recordAudit } from '../../core/events/audit.ts'
import { createAgency } from '../agencies/agencies.ts'
import { addMember } from './team.ts'

const { store, admin } = await cast()

async function actorsOf(agency_id: string): Promise<unknown[][]> {
  const { rows } = await store.owner.query('select kind, id, name from actors where agency_id = $1 order by kind', [
    agency_id,
  ])
  return rows.map(({ kind, id, name }) => [kind, id, name])
}

test('an agency has the operator and its jobs as actors, and each member once', async () => {
  const { id } = await createAgency(store.db, { name: 'West', slug: 'west' })
  const own = [
    ['job', jobOf(id).id, null],
    ['operator', operatorOf(id).id, null],
  ]
  assert.deepEqual(await actorsOf(id), own)
  const input = { email: players.staff.email, role: 'staff' } as const
  await Promise.all([1, 2, 3].map(() => addMember(store.db, operatorOf(id), input)))
  const person = (name: string) => ['person', players.staff.user_id, name]
  assert.deepEqual(await actorsOf(id), [...own, person('staff')])
  await store.owner.query("update users set full_name = 'Sam Summer' where id = $1", [players.staff.user_id])
  assert.deepEqual(await actorsOf(id), [...own, person('Sam Summer')])
  await store.owner.query('delete from team_members where agency_id = $1', [id])
  assert.deepEqual(await actorsOf(id), [...own, person('Sam Summer')])
})

test('an audit entry names its actor: a person, a job or the operator', async () => {
  const person: Actor = { agency_id: north, id: players.former.user_id, kind: 'person', role: 'admin' }
  const entity_id = castProperties.town.id
  for (const actor of [person, jobOf(north), operatorOf(north)]) {
    await store.db.tenantTx(actor, async (tx) =>
      recordAudit(tx, { action: 'property.checked', entity_type: 'property', entity_id }),
    )
  }
  const { body } = must(200, await admin.get(`audit-log?entity_type=property&entity_id=${entity_id}`))
  assert.deepEqual(
    body.items.map(({ actor_kind, actor_id, actor_name, actor_role }: Record<string, unknown>) => {
      return [actor_kind, actor_id, actor_name, actor_role]
    }),
    [
      ['operator', operatorOf(north).id, null, 'operator'],
      ['job', jobOf(north).id, null, 'operator'],
      ['person', players.former.user_id, 'former', 'admin'],
    ],
  )
})

test('an entry of an earlier version, without an actor, is the operator', async () => {
  const id = '0000000b-0000-7000-8000-000000000001'
  await store.owner.query(
    `insert into audit_log (agency_id, id, actor_role, action, entity_type, entity_id)
     values ($1, $2, 'operator', 'property.old', 'property', $2)`,
    [north, id],
  )
  const { body } = must(200, await admin.get(`audit-log?entity_type=property&entity_id=${id}`))
  assert.deepEqual([body.items[0].actor_kind, body.items[0].actor_id], ['operator', null])
})

test('nobody acts as a person who is no actor of the agency', async () => {
  const stranger: Actor = { agency_id: north, id: players.outsider.user_id, kind: 'person', role: 'admin' }
  const attempt = store.db.tenantTx(stranger, async (tx) => {
    recordAudit(tx, { action: 'property.checked', entity_type: 'property', entity_id: castProperties.town.id })
    await tx.query(sql`select 1`)
  })
  await assert.rejects(attempt, ({ code, cause }: { code?: string; cause?: { code?: string } }) =>
    [code, cause?.code].includes('23503'),
  )
})
