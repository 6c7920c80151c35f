// Which role can remove a scratch agency on a server: the schema owner, without further rights.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { apiRole } from '../../../../test/api-role.ts'
import { openTestStore } from '../../../../test/engines.ts'
import { newName } from '../../../../test/server-run.ts'
import { contextOn, deployment, everythingIn } from '../../../../test/verify-fixture.ts'
import { parseConfig } from '../../../config.ts'
import type { Store } from '../../../store.ts'
import { CommandError } from '../../context.ts'
import { createScratch } from './creation.ts'
import { newRunId } from './naming.ts'
import { removeLeftovers, withScratch } from './scratch-agency.ts'

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

/** The store with owner connections of another role. */
function withOwner(role: string): Store {
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

test('an owner without superuser, who sees no rows because of RLS, removes all rows', async () => {
  await store.owner.query(`create role ${schemaOwner}; grant roost_tenant, roost_auth to ${schemaOwner}`)
  await store.owner.query(`do $$ declare name text; begin
    for name in select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and n.nspname in ('public', 'app', 'pgboss')
    loop execute format('alter table %s owner to ${schemaOwner}', name); end loop;
    execute 'grant usage on schema public, app, pgboss to ${schemaOwner}';
  end $$`)
  const owned = withOwner(schemaOwner)
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

test('without an owner connection nothing starts, and the message names the setting', async () => {
  const before = await everythingIn(store)
  let has_started = false
  const refused = withScratch(context, withOwner(apiRole), plan, async () => {
    has_started = true
  })
  await assert.rejects(refused, (error: CommandError) => {
    assert.ok(error instanceof CommandError)
    assert.match(error.message, new RegExp(`^verify .* ${apiRole} is not the owner: set MIGRATION_DATABASE_URL`))
    return error.exit_code === 2
  })
  assert.equal(has_started, false)
  assert.deepEqual(await everythingIn(store), before)
})

test('the rows of an active run are not removed by another run', async () => {
  await withScratch(context, store, plan, async ({ agencies }) => {
    await createScratch(store.db, newRunId(), plan)
    assert.equal(await removeLeftovers(context, store), 1)
    const { rows } = await store.owner.query('select slug from agencies where id = $1', [agencies[0]?.id])
    assert.equal(rows.length, 1)
  })
})

test('concurrent runs each remove their own rows', async () => {
  const before = await everythingIn(store)
  await Promise.all([1, 2, 3].map(() => withScratch(context, store, plan, async () => {})))
  assert.deepEqual(await everythingIn(store), before)
})

test('after a failed removal the lock and all connections are released', async () => {
  const before = await everythingIn(store)
  let num_open = 0
  const failing: Store = {
    ...store,
    async connectOwner() {
      const connection = await store.connectOwner()
      num_open += 1
      return {
        query: (text, values) => {
          if (text.includes('delete from public.users')) return Promise.reject(new Error('no space left'))
          return connection.query(text, values)
        },
        release: async (is_broken) => {
          num_open -= 1
          await connection.release(is_broken)
        },
      }
    },
  }
  const failed = withScratch(context, failing, plan, async () => 'done')
  await assert.rejects(
    failed,
    /the scratch agency verify-\S+ could not be removed \(no space left\): run again with --clean/,
  )
  assert.equal(num_open, 0)
  const { rows } = await store.owner.query(
    "select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()",
  )
  assert.equal(rows.length, 0)
  assert.equal(await removeLeftovers(context, store), 1)
  assert.deepEqual(await everythingIn(store), before)
})
