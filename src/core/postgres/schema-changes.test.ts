// A schema change while the service runs fails no request: stale statements are prepared again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sql from 'sql-template-tag'
import { castProperties, north, players } from '../../../test/cast.ts'
import { cast } from '../../../test/harness.ts'

const fixture = await cast({ pool_size: 6 })
const { admin, manager, store } = fixture
const actor = { agency_id: north, role: 'admin', id: players.admin.user_id, kind: 'person' } as const

const path = `properties/${castProperties.town.id}`
const concurrency = 12

const reads = () => Promise.all(Array.from({ length: concurrency }, () => admin.get(path)))
const statusesOf = (replies: readonly { status: number }[]) => [...new Set(replies.map(({ status }) => status))]

/** Changes of the result or parameter types of prepared statements, with the reverse change. */
const changes: Readonly<Record<string, readonly [up: string, down: string]>> = {
  'a column gets a wider type': [
    'alter table properties alter column max_guests type bigint',
    'alter table properties alter column max_guests type integer',
  ],
  'a text column gets another type': [
    'alter table properties alter column city type varchar(300)',
    'alter table properties alter column city type text',
  ],
}

for (const [name, [up, down]] of Object.entries(changes)) {
  test(`${name}: reads on every connection return the same response`, async () => {
    const [first] = await reads()
    for (const statement of [up, down]) {
      await store.owner.query(statement)
      for (const replies of [await reads(), await reads()]) {
        assert.deepEqual(statusesOf(replies), [200])
        for (const { body } of replies) assert.deepEqual(body, first?.body)
      }
    }
  })

  test(`${name}: mutations are executed once`, async () => {
    const rename = (title: string) => manager.patch(path, { name: title })
    await rename('before')
    await store.owner.query(up)
    const renamed = await Promise.all(Array.from({ length: concurrency }, (_, n) => rename(`name ${n}`)))
    await store.owner.query(down)
    const later = await Promise.all(Array.from({ length: concurrency }, (_, n) => rename(`later ${n}`)))
    assert.deepEqual(statusesOf([...renamed, ...later]), [200])
    const { rows } = await store.owner.query(
      `select count(*)::int as n, count(distinct after)::int as names from audit_log
       where action = 'property.updated' and after ->> 'name' ~ '^(name|later) '`,
    )
    assert.equal(rows[0]?.n, rows[0]?.names)
  })
}

test('a statement whose parameter types match no operator is prepared again', async () => {
  await store.owner.query('create table notes_of_test (code integer); insert into notes_of_test values (7)')
  await store.owner.query('grant select on notes_of_test to roost_tenant, roost_system')
  const run = () => store.db.systemRead((tx) => tx.query(sql`select code from notes_of_test where code = ${'7'}`))
  assert.deepEqual(await run(), [{ code: 7 }])
  await store.owner.query('alter table notes_of_test alter column code type text')
  assert.deepEqual(await Promise.all([run(), run(), run()]), Array(3).fill([{ code: '7' }]))
})

test('a dropped column is still an error', async () => {
  await store.owner.query('create table columns_of_test (code integer)')
  await store.owner.query('grant select on columns_of_test to roost_tenant, roost_system')
  const run = () => store.db.tenantRead(actor, (tx) => tx.query(sql`select code from columns_of_test`))
  assert.deepEqual(await run(), [])
  await store.owner.query('alter table columns_of_test drop column code')
  await assert.rejects(run(), { code: 'SCHEMA_DRIFT' })
})
