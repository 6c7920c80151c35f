// A run of the tests drops what killed runs have left on the server, and nothing of a run that is under way.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { dropLeftovers, dropRun, holdLease, newRunId, onServer } from './server-run.ts'

const own = await holdLease()
after(() => own.release())

/** A run that is under way and has made a database and a role. */
async function someRun() {
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

test('what a killed run has left is dropped, databases and roles', async () => {
  const { name, end } = await someRun()
  await dropLeftovers()
  assert.equal(await isThere(name), 2, 'while the run is under way all of it stays')
  await end()
  await dropLeftovers()
  assert.equal(await isThere(name), 0)
})

test('a run drops its own databases and roles, and those of nobody else', async () => {
  const [one, two] = [await someRun(), await someRun()]
  await dropRun(one.id)
  assert.deepEqual([await isThere(one.name), await isThere(two.name)], [0, 2])
})
