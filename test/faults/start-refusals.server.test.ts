// On a server: a start that fails ends the process, and a command waits for the migrations of another process.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openTestStore, redisUrl } from '../engines.ts'
import { secret } from '../harness.ts'
import { until } from '../until.ts'

const roost = join(import.meta.dirname, '../../bin/roost')
const store = await openTestStore()
after(() => store.close())

const taken = createServer().listen(0, '127.0.0.1')
await once(taken, 'listening')
after(() => taken.close())
const port = String((taken.address() as AddressInfo).port)

/** Starts bin/roost. `ended` resolves with its exit code and what it printed to stderr. */
function start(args: string[], more: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, ENV_FILE: '', DATABASE_URL: store.url, JWT_SECRET: secret, ...more }
  const child = spawn(roost, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  after(() => child.kill('SIGKILL'))
  const text = { err: '' }
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.err += chunk
  })
  return { text, ended: once(child, 'close').then(([code]) => ({ code, err: text.err })) }
}

const starts: [command: string, env: Record<string, string>, setting: string][] = [
  ['serve', { PORT: port }, 'PORT'],
  ['serve', { PORT: port, REDIS_URL: redisUrl }, 'PORT'],
  ['serve', { PORT: '0', METRICS_PORT: port, REDIS_URL: redisUrl }, 'METRICS_PORT'],
  ['worker', { METRICS_PORT: port, REDIS_URL: redisUrl }, 'METRICS_PORT'],
]
for (const [command, env, setting] of starts) {
  test(`${command} ends with 2 when ${setting} is taken, given ${Object.keys(env).join(' and ')}`, async () => {
    const { code, err } = await start([command], env).ended
    assert.deepEqual([code, err.includes(`set ${setting} to another port`)], [2, true], err)
  })
}

const newest = 'select max(version) from supabase_migrations.schema_migrations'

test('a command names the pending migrations, and waits while others apply them', async () => {
  const owner = await store.connectOwner()
  const { rows } = await owner.query(
    `delete from supabase_migrations.schema_migrations where version = (${newest}) returning version, name`,
  )
  const pending = await start(['demo']).ended
  assert.equal(pending.code, 2)
  assert.match(pending.err, /^the schema of the database is missing or older than this version.*roost migrate up/)
  await owner.query('select pg_advisory_lock($1::int, $2::int)', [0x526f6f73, 0x74])
  const waiting = start(['demo'])
  await until(() => waiting.text.err.includes('Another process applies migrations: waiting for it ...'))
  await owner.query('insert into supabase_migrations.schema_migrations (version, name) values ($1, $2)', [
    rows[0]?.version,
    rows[0]?.name,
  ])
  await owner.query('select pg_advisory_unlock_all()')
  await owner.release()
  assert.equal((await waiting.ended).code, 0, waiting.text.err)
})

test('a command on an empty database says what to do', async () => {
  const owner = await store.connectOwner()
  await owner.query('alter schema app rename to hidden')
  const { code, err } = await start(['member', 'add', '--agency', 'x', '--email', 'a@example.com', '--role', 'staff'])
    .ended
  await owner.query('alter schema hidden rename to app')
  await owner.release()
  assert.equal(code, 2)
  assert.match(err, /^the schema of the database is missing.*roost migrate up/)
})
