// How the process ends: by a signal, by a second signal and by an uncaught exception.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { players } from '../cast.ts'
import { cast, secret } from '../harness.ts'
import { exchange } from '../raw-socket.ts'
import { until } from '../until.ts'

const fixture = await cast()
const { owner, url = '' } = fixture.store
const { token } = await fixture.tokens.issue({ user_id: players.manager.user_id })
const roost = join(import.meta.dirname, '../../bin/roost')

/** The insert of such a property takes 4 s inside its transaction. */
await owner.query(`create function slow_insert() returns trigger language plpgsql as $$
  begin perform pg_sleep(4); return new; end $$`)
await owner.query(`create trigger slow_insert before insert on properties
  for each row when (new.city is not null) execute function slow_insert()`)

async function countRunning(city: string): Promise<number> {
  const { rows } = await owner.query(
    `select count(*)::int as n from pg_stat_activity where application_name = $1 and wait_event = 'PgSleep'`,
    [`roost ${city}`],
  )
  return rows[0]?.n as number
}

async function saved(city: string): Promise<number> {
  const { rows } = await owner.query('select count(*)::int as n from properties where city = $1', [city])
  return rows[0]?.n as number
}

/** Starts `bin/roost serve`. The city of its requests identifies it in the database; SIGUSR2 makes a timer throw. */
async function start(city: string, env: Record<string, string> = {}) {
  const bug = "process.on('SIGUSR2',()=>setTimeout(()=>{throw(Error('uncaught_test_error'))}))"
  const database = new URL(url)
  database.searchParams.set('application_name', `roost ${city}`)
  const service = spawn(roost, ['serve'], {
    env: {
      PATH: process.env.PATH,
      ENV_FILE: '',
      DATABASE_URL: database.href,
      DATABASE_POOL_SIZE: '8',
      JWT_SECRET: secret,
      MAX_LOOP_DELAY: 'off',
      MIGRATE_ON_START: 'off',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}`,
      PORT: '0',
      WORKER: 'off',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  after(() => service.kill('SIGKILL'))
  const ended = once(service, 'exit') as Promise<[number | null, string | null]>
  let out = ''
  let err = ''
  service.stdout.on('data', (chunk) => {
    out += chunk
  })
  service.stderr.on('data', (chunk) => {
    err += chunk
  })
  await until(() => /running at \S+/.test(err) || service.exitCode !== null)
  const port = Number(/running at http:\/\/[^:]+:(\d+)/.exec(err)?.[1])
  assert.ok(port > 0, err)
  const lines = () =>
    out
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  return { service, ended, port, lines, post: () => exchange(port, { parts: [creation(city)] }) }
}

const head = `Host: roost.example\r\nAuthorization: Bearer ${token}\r\n`
const me = `GET /api/v1/me HTTP/1.1\r\n${head}\r\n`
const probe = (name: string) => `GET /health/${name} HTTP/1.1\r\nHost: roost.example\r\n\r\n`

function creation(city: string): string {
  const body = JSON.stringify({ name: 'Slow', property_type: 'house', max_guests: 2, city })
  const length = Buffer.byteLength(body)
  return `POST /api/v1/properties HTTP/1.1\r\n${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`
}

/**
 * Six requests that run at the same time: the per-agency limit of a pool of eight. On a busy machine the first can end before the
 * last begins; then six others are sent.
 */
async function runTogether<Reply>(city: string, post: () => Promise<Reply>) {
  for (;;) {
    const num_before = await saved(city)
    const slow = Array.from({ length: 6 }, post)
    const areRunning = async () => (await countRunning(city)) === slow.length
    await until(async () => (await areRunning()) || (await saved(city)) > num_before)
    if (await areRunning()) return { slow, num_before }
    await Promise.all(slow)
  }
}

/** Whether a server accepts connections on the port. */
async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

describe('a process ends', { concurrency: true }, () => {
  test('SIGTERM: not ready but serving, then closed; running requests finish, exit 0', async () => {
    const { service, ended, port, post } = await start('Aachen', { SHUTDOWN_GRACE: '1' })
    const one = async (text: string) => (await exchange(port, { parts: [text] })).replies[0]
    assert.equal((await one(me))?.headers.connection, 'keep-alive')
    const signalled = Promise.withResolvers<void>()
    const kept = exchange(port, { parts: [me, () => signalled.promise, me], until: 'close' })
    const idle = exchange(port, { parts: [me], until: 'close' })
    await one(me)
    const { slow, num_before } = await runTogether('Aachen', post)
    service.kill('SIGTERM')
    await until(async () => (await one(probe('ready')))?.status === 503)
    signalled.resolve()
    assert.deepEqual([(await one(me))?.status, (await one(probe('live')))?.status], [200, 200], 'still serving')
    const answers = (await kept).replies.map(({ status, headers }) => `${status} ${headers.connection}`)
    assert.deepEqual(answers, ['200 keep-alive', '200 close'], 'with Connection: close')
    await until(async () => !(await listens(port)))
    assert.ok((await countRunning('Aachen')) > 0, 'requests are still running')
    assert.equal((await idle).replies.length, 1)
    const ends = await Promise.all(slow)
    for (const { replies, rest } of ends) {
      assert.deepEqual([replies[0]?.status, replies[0]?.headers.connection, rest], [201, 'close', ''])
    }
    assert.deepEqual(await ended, [0, null])
    assert.equal(await saved('Aachen'), num_before + slow.length)
  })

  test('a second signal of either kind ends it at once with exit code 1', async () => {
    const { service, ended, post, lines } = await start('Bremen', { SHUTDOWN_GRACE: '60' })
    const slow = post()
    await until(async () => (await countRunning('Bremen')) === 1)
    service.kill('SIGTERM')
    await until(() => lines().some(({ msg }) => msg === 'stopping'))
    service.kill('SIGINT')
    assert.deepEqual(await ended, [1, null])
    assert.deepEqual((await slow).replies, [], 'running requests got no response')
  })

  test('a signal that arrives again at once, from the terminal and from npm, still stops cleanly', async () => {
    const { service, ended } = await start('Essen', { SHUTDOWN_GRACE: '60' })
    service.kill('SIGINT')
    service.kill('SIGINT')
    assert.deepEqual(await ended, [0, null])
  })

  test('SIGINT does not wait for a load balancer', async () => {
    const { service, ended } = await start('Celle', { SHUTDOWN_GRACE: '60' })
    service.kill('SIGINT')
    assert.deepEqual(await ended, [0, null])
  })

  test('an uncaught exception: the stack is logged, exit 1, nothing is saved in part', async () => {
    const { service, ended, post, lines } = await start('Dresden')
    const slow = post()
    await until(async () => (await countRunning('Dresden')) === 1)
    service.kill('SIGUSR2')
    assert.deepEqual(await ended, [1, null])
    const [line, ...others] = lines().filter(({ level }) => level === 60)
    assert.deepEqual([line.err.message, others], ['uncaught_test_error', []])
    assert.match(line.err.stack, /\n +at /)
    assert.deepEqual((await slow).replies, [])
    await until(async () => (await countRunning('Dresden')) === 0)
    assert.equal(await saved('Dresden'), 0)
  })
})
