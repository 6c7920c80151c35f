// Proves on a server who can remove a scratch agency: an owner of the schema without any further right, and nobody less.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { apiRole } from '../../../../test/api-role.ts'
import { openTestStore } from '../../../../test/engines.ts'
import { newName } from '../../../../test/server-run.ts'
import { contextOn, deployment, everythingIn } from '../../../../test/verify-fixture.ts'
import { parseConfig } from '../../../config.ts'
import type { Store } from '../../../store.ts'
import { CommandError } from '../../context.ts'
import { makeScratch } from './making.ts'
import { newRun } from './marks.ts'
import { removeLeftOvers, withScratch } from './scratch-agency.ts'

const store = await openTestStore()
const context = contextOn(store, { out: [], err: [], code: 0 }, parseConfig(deployment))
const plan = [{ admin: 'admin' }] as const
const schemaOwner = newName()
after(async () => {
  await store.owner.query(`reassign owned by ${schemaOwner} to current_user`)
  await store.owner.query(`drop owned by ${schemaOwner}`)
  await store.owner.query(`drop role ${schemaOwner}`)
  await store.close()
})

/** The same store, whose owner's connection is that of another login. */
function ownedBy(role: string): Store {
  return {
    ...store,
    async connectOwner() {
      const connection = await store.connectOwner()
      await connection.query(`set session authorization ${role}`)
      return {
        query: connection.query,
        release: async () => {
          await connection.query('reset session authorization')
          await connection.release()
        },
      }
    },
  }
}

test('an owner who is no superuser, and whom row-level security shows nothing, removes every row', async () => {
  await store.owner.query(`create role ${schemaOwner}; grant authenticated, roost_auth to ${schemaOwner}`)
  await store.owner.query(`do $$ declare name text; begin
    for name in select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname in ('public', 'app', 'pgboss')
    loop execute format('alter table %s owner to ${schemaOwner}', name); end loop;
    execute 'grant usage on schema public, app, pgboss to ${schemaOwner}';
  end $$`)
  const owned = ownedBy(schemaOwner)
  const before = await everythingIn(store)
  const connection = await owned.connectOwner()
  assert.deepEqual((await connection.query('select from agencies')).rows, [])
  await connection.release()
  await withScratch(context, owned, plan, async ({ agencies }) => {
    const { rows } = await store.owner.query('select slug from agencies where id = $1', [agencies[0]?.id])
    assert.equal(rows.length, 1)
  })
  assert.deepEqual(await everythingIn(store), before)
})

test('without a connection of the owner nothing is begun, and the message says what to set', async () => {
  const before = await everythingIn(store)
  let has_begun = false
  const refused = withScratch(context, ownedBy(apiRole), plan, async () => {
    has_begun = true
  })
  await assert.rejects(refused, (error: CommandError) => {
    assert.ok(error instanceof CommandError)
    assert.match(error.message, new RegExp(`^verify .* ${apiRole} is not: set MIGRATION_DATABASE_URL`))
    return error.exit_code === 2
  })
  assert.equal(has_begun, false)
  assert.deepEqual(await everythingIn(store), before)
})

test('a run that lives is nobody else’s left-over', async () => {
  await withScratch(context, store, plan, async ({ agencies }) => {
    await makeScratch(store.db, newRun(), plan)
    assert.equal(await removeLeftOvers(context, store), 1)
    const { rows } = await store.owner.query('select slug from agencies where id = $1', [agencies[0]?.id])
    assert.equal(rows.length, 1)
  })
})

test('runs that end at once each remove what is theirs', async () => {
  const before = await everythingIn(store)
  await Promise.all([1, 2, 3].map(() => withScratch(context, store, plan, async () => {})))
  assert.deepEqual(await everythingIn(store), before)
})
