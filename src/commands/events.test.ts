// roost events and GET /ops/subscribers: dead letters are listed, counted and asked for again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from 'commander'
import { north } from '../../test/cast.ts'
import { silent } from '../../test/engines.ts'
import { cast } from '../../test/harness.ts'
import { must } from '../../test/steps.ts'
import { parseConfig } from '../config.ts'
import { registerSubscriber } from '../core/events/delivery.ts'
import { type CommandContext, CommandError } from './context.ts'
import { registerEvents } from './events.ts'

const { admin, manager, store } = await cast()

/** Runs `roost events <args>`. Returns its output, and whether it failed. */
async function events(...args: string[]): Promise<{ out: string; has_failed: boolean }> {
  const lines: string[] = []
  let has_failed = false
  const config = parseConfig({ DATABASE_URL: 'postgres://unused', JWT_SECRET: 'x'.repeat(40) })
  const context: CommandContext = {
    config: async () => config,
    env: {},
    log: silent,
    print: (line) => void lines.push(line),
    note: (line) => void lines.push(line),
    is_terminal: false,
    withStore: (work) => work(store, config),
    fail: () => {
      has_failed = true
    },
  }
  const program = new Command('roost').exitOverride()
  registerEvents(program, context)
  await program.parseAsync(['node', 'roost', 'events', ...args])
  return { out: lines.join('\n'), has_failed }
}

const states = async () => must(200, await admin.get('/ops/subscribers')).body.items

test('without dead letters the list is empty and nothing is retried', async () => {
  await registerSubscriber(store.db, 'search')
  assert.deepEqual(await events('list'), { out: 'There are none.', has_failed: false })
  assert.deepEqual(await events('retry'), { out: '0 will be delivered again by the worker.', has_failed: false })
  const none = { behind: 0, oldest_at: null, failing: 0, dead_letters: 0 }
  assert.deepEqual(await states(), [{ name: 'search', ...none }])
  assert.equal((await manager.get('/ops/subscribers')).status, 403)
})

test('a dead letter is listed with its code and counted, and a retry is noted for the worker', async () => {
  await store.owner.query(
    `insert into event_dead_letters (agency_id, subscriber, seq, failures, last_error) values ($1, 'search', 7, 8, 'TIMEOUT')`,
    [north],
  )
  const { out, has_failed } = await events('list', '--agency', 'north')
  assert.match(out, /^north search event 7: TIMEOUT after 8 attempts, since \d{4}-/)
  assert.equal(has_failed, true)
  assert.equal((await events('list', '--agency', 'south')).has_failed, false)
  assert.equal((await states())[0].dead_letters, 1)
  assert.match((await events('retry', '--subscriber', 'other')).out, /^0 /)
  assert.match((await events('retry', '--agency', 'north', '--subscriber', 'search')).out, /^1 /)
  const [letter] = JSON.parse((await events('list', '--json')).out)
  assert.deepEqual([letter.agency, letter.seq, typeof letter.retry_at], ['north', 7, 'string'])
})

test('an unknown agency is refused', async () => {
  await assert.rejects(events('list', '--agency', 'nobody'), CommandError)
})
