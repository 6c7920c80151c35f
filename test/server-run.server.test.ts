// A test run drops the databases and roles of killed runs, and keeps those of running ones.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { dropLeftovers, dropRun, holdLease, newRunId, onServer } from './server-run.ts'

const own = await holdLease()
after(() => own.release())

/** A running test run with a database and a role. */
async function startRun() {
  const id = newRunId()
  const lease = await holdLease(id)
  const name = `roost_test_${id}_one`
  await onServer(async (client) => {
    await client.query(`create database ${name}`)
    await client.query(`create role ${name}`)
  })
  let is_over = false
  const end = async () => {
    if (!is_over) await lease.release()
    is_over = true
  }
  after(() => end().then(() => dropRun(id)))
  return { id, name, end }
}

const isThere = (name: string) =>
  onServer(async (client) => {
    const found = `select (select count(*) from pg_database where datname = $1) +
      (select count(*) from pg_roles where rolname = $1) as n`
    return Number((await client.query(found, [name])).rows[0].n)
  })

test('databases and roles of a killed run are dropped', async () => {
  const { name, end } = await startRun()
  await dropLeftovers()
  assert.equal(await isThere(name), 2, 'everything stays during the run')
  await end()
  await dropLeftovers()
  assert.equal(await isThere(name), 0)
})

test('a run drops its own databases and roles only', async () => {
  const [one, two] = [await startRun(), await startRun()]
  await dropRun(one.id)
  assert.deepEqual([await isThere(one.name), await isThere(two.name)], [0, 2])
})
