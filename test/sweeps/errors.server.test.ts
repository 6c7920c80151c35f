// Errors that only a real server can cause: a connection lost at COMMIT, row locks, timeouts.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import sql from 'sql-template-tag'
import { errorCatalogue } from '../../src/core/app-error.ts'
import { castProperties, players } from '../cast.ts'
import { cast, type Reply } from '../harness.ts'
import { until } from '../until.ts'

const fixture = await cast({
  extend: (app, { db }) => {
    app.get('/sleep', { config: { can: 'ops:read' } }, ({ actor }) =>
      db.tenantRead(actor, (tx) => tx.query(sql`select pg_sleep(300)`)),
    )
  },
})
const { owner } = fixture.store

function check(reply: Reply, code: string): void {
  const entry = errorCatalogue.find((one) => one.code === code)
  assert.deepEqual([reply.status, reply.body.error.code], [entry?.status, code], reply.text)
  assert.deepEqual(Object.keys(reply.body.error), ['code', 'message', 'request_id', 'retryable'])
  assert.equal(reply.body.error.message, entry?.message)
  assert.equal(reply.headers['retry-after'], '1')
}

describe('on a real server', { concurrency: true }, () => {
  test('COMMIT_UNKNOWN: the connection is lost during COMMIT', async () => {
    await owner.query(`create sequence fired`)
    await owner.query(`create function cut() returns trigger language plpgsql security definer as $$
      begin
        if new.name = 'cut here' then
          perform nextval('fired');
          perform pg_terminate_backend(pg_backend_pid());
        end if;
        return null;
      end $$`)
    await owner.query(`create constraint trigger cut after insert on properties
      deferrable initially deferred for each row execute function cut()`)
    const property = { property_type: 'house', max_guests: 2 }
    check(await fixture.manager.post('properties', { ...property, name: 'cut here' }), 'COMMIT_UNKNOWN')
    const { rows } = await owner.query(`select is_called from fired`)
    assert.deepEqual(rows, [{ is_called: true }], 'the connection was cut')
    const after = await fixture.manager.post('properties', { ...property, name: 'whole' })
    assert.equal(after.status, 201, after.text)
    const found = await owner.query(`select name from properties where name in ('cut here', 'whole')`)
    assert.deepEqual(found.rows, [{ name: 'whole' }])
  })

  test('IDEMPOTENCY_IN_PROGRESS: another transaction has the key', async () => {
    const { user_id } = players.manager
    const name = `key/${castProperties.lake.agency_id}/${user_id}/busy`
    const other = await fixture.store.connectOwner()
    await other.query(`select pg_advisory_lock(hashtextextended('${name}', 0))`)
    const property = { name: 'Busy', property_type: 'house', max_guests: 2 }
    const send = () => fixture.manager.post('properties', property, { 'idempotency-key': 'busy' })
    const reply = await send()
    await other.query('select pg_advisory_unlock_all()')
    await other.release()
    check(reply, 'IDEMPOTENCY_IN_PROGRESS')
    assert.equal((await send()).status, 201)
  })

  test('LOCK_TIMEOUT: another session holds a row for longer than 2 s', async () => {
    const other = await fixture.store.connectOwner()
    await other.query('begin')
    await other.query(`select from properties where id = '${castProperties.lake.id}' for update`)
    const change = () => fixture.manager.patch(`properties/${castProperties.lake.id}`, { city: 'Zell' })
    const started = performance.now()
    const reply = await change()
    const waited_ms = performance.now() - started
    // The response arrives before the lock is released.
    await other.query('rollback')
    await other.release()
    check(reply, 'LOCK_TIMEOUT')
    assert.ok(waited_ms > 1900, `${waited_ms} ms`)
    assert.equal((await change()).status, 200)
  })

  test('QUERY_TIMEOUT: a statement longer than 5 s is cancelled on the server', async () => {
    const sleepers = `select count(*)::int as n from pg_stat_activity
      where datname = current_database() and state = 'active' and query like '%pg_sleep(300)%' and pid <> pg_backend_pid()`
    const started = performance.now()
    const asleep = fixture.admin.get('/sleep')
    await until(async () => (await owner.query(sleepers)).rows[0]?.n === 1)
    check(await asleep, 'QUERY_TIMEOUT')
    assert.ok(performance.now() - started > 4900, 'not before')
    // The response arrives before the session is idle.
    await until(async () => (await owner.query(sleepers)).rows[0]?.n === 0)
  })

  test('POOL_EXHAUSTED: no connection becomes free within a second', async (t) => {
    const end = Promise.withResolvers<void>()
    const holding = Promise.withResolvers<void>()
    const { anonymous } = await cast(
      {
        pool_size: 1,
        extend: (app, { db }) => {
          const config = { open: true } as const
          app.get('/hold', { config }, () =>
            db.systemTx(async () => {
              holding.resolve()
              await end.promise
            }),
          )
          app.get('/want', { config }, () => db.systemTx(async () => ({ got: 'it' })))
        },
      },
      t,
    )
    const held = anonymous.get('/hold')
    await holding.promise
    const started = performance.now()
    check(await anonymous.get('/want'), 'POOL_EXHAUSTED')
    assert.ok(performance.now() - started > 950, 'not before')
    assert.equal((await anonymous.get('/health/live')).status, 200)
    end.resolve()
    assert.equal((await held).status, 200)
    assert.deepEqual((await anonymous.get('/want')).body, { got: 'it' })
  })
})
