// A start that fails ends the process with a message, and a command gets the schema that it needs. Embedded database.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openEmbedded } from '../src/core/postgres/embedded.ts'
import { prepareFolder } from './prepared-folder.ts'

const roost = join(import.meta.dirname, '../bin/roost')
const dir = mkdtempSync(join(tmpdir(), 'roost start ü-'))
after(() => rmSync(dir, { recursive: true, force: true }))
const { PATH, HOME } = process.env
const base = { PATH, HOME, ENV_FILE: '', LOG_LEVEL: 'silent', DATA_DIR: await prepareFolder(join(dir, 'data')) }

const taken = createServer().listen(0, '127.0.0.1')
await once(taken, 'listening')
after(() => taken.close())
const port = String((taken.address() as AddressInfo).port)

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(roost, args, { env: { ...base, ...env }, cwd: dir }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

const refusals: [name: string, env: Record<string, string>, message: RegExp][] = [
  [
    'PORT is taken',
    { PORT: port },
    /^port \d+ of 127\.0\.0\.1 is in use by another program.*set PORT to another port\n$/,
  ],
  [
    'PORT is taken, with Redis',
    { PORT: port, REDIS_URL: 'redis://127.0.0.1:1' },
    /^port \d+ of 127\.0\.0\.1 is in use/,
  ],
  [
    'METRICS_PORT is taken, with Redis',
    { PORT: '0', METRICS_PORT: port, REDIS_URL: 'redis://127.0.0.1:1' },
    /port \d+ of 127\.0\.0\.1 is in use.*set METRICS_PORT to another port\n$/,
  ],
  ['HOST is not an address of this machine', { HOST: '192.0.2.1' }, /^HOST=192\.0\.2\.1 is not an address of this/],
  ['ENV_FILE does not exist', { ENV_FILE: join(dir, 'none') }, /^configuration: the file .* cannot be read/],
]
for (const [name, env, message] of refusals) {
  test(`serve ends with a message and frees the database when ${name}`, async () => {
    const { code, err } = await run(['serve'], env)
    assert.match(err, message)
    assert.equal(code, name.startsWith('ENV_FILE') ? 78 : 2)
    assert.doesNotMatch(err, /Roost is running|\n\s+at /)
    await (await openEmbedded(base.DATA_DIR)).close()
  })
}

test('a command on a new folder creates and migrates the database, and says so', async () => {
  const own = join(dir, 'new folder')
  const created = await run(
    ['agency', 'create', '--name', 'Lake', '--slug', 'lake', '--admin-email', 'a@lake.example'],
    {
      DATA_DIR: own,
    },
  )
  assert.deepEqual([created.code, created.err], [0, `Preparing the embedded database in ${own} ...\n`])
  const again = await run(['member', 'add', '--agency', 'lake', '--email', 'b@lake.example', '--role', 'staff'], {
    DATA_DIR: own,
  })
  assert.deepEqual([again.code, again.err], [0, ''])
})

test('a command on a folder with an older schema migrates it', async () => {
  const own = join(dir, 'old')
  assert.equal((await run(['migrate', 'up', '--to', '20261123080200'], { DATA_DIR: own })).code, 0)
  assert.equal((await run(['migrate', 'status'], { DATA_DIR: own })).code, 1, 'pending migrations exit with 1')
  const { code, out, err } = await run(['demo'], { DATA_DIR: own })
  assert.deepEqual([code, err], [0, `Preparing the embedded database in ${own} ...\n`])
  assert.match(out, /^Loaded: alps, coast\./)
})

/** Starts serve and returns what it printed until it is running. */
async function said(env: Record<string, string>): Promise<string> {
  const service = spawn(roost, ['serve'], {
    env: { ...base, PORT: '0', ...env },
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let text = ''
  for await (const chunk of service.stderr.setEncoding('utf8')) {
    text += chunk
    if (/running at .*\n(.*\n)+\n$/.test(text)) service.kill('SIGINT')
  }
  return text
}

test('demo passwords in a network are a warning before the service says that it is running', async () => {
  const DATA_DIR = join(dir, 'old')
  const open = await said({ HOST: '0.0.0.0', DATA_DIR })
  assert.match(open, /WARNING: HOST lets other machines reach this service.*roost-demo[\s\S]*Roost is running/)
  assert.match(open, /Demo sign-ins/)
  const local = await said({ HOST: '127.0.0.1', DATA_DIR })
  assert.doesNotMatch(local, /WARNING/)
  const own = await said({ HOST: '0.0.0.0', DATA_DIR: join(dir, 'new folder') })
  assert.doesNotMatch(own, /WARNING: HOST.*roost-demo|Demo sign-ins/, 'no demo accounts')
  assert.match(own, /^WARNING: HOST lets other machines .* plain http.*session cookie.*PUBLIC_URL/m)
})

test('a database that cannot be reached is named before the service says that it is running', async () => {
  const env = { DATABASE_URL: 'postgres://u:geheim@127.0.0.1:1/hotel', JWT_SECRET: 'x'.repeat(40) }
  const text = await said(env)
  assert.match(
    text,
    /^WARNING: the database cannot be reached: connect ECONNREFUSED.*127\.0\.0\.1:1\/hotel[\s\S]*Roost is running/,
  )
  assert.doesNotMatch(text, /geheim/)
  const command = await run(['demo'], env)
  assert.equal(command.code, 2)
  assert.match(command.err, /^the database cannot be reached: connect ECONNREFUSED 127\.0\.0\.1:1\n$/)
})

test('settings come from the file that ENV_FILE names, and the environment wins', async () => {
  const file = join(dir, 'settings')
  writeFileSync(file, `DATA_DIR=${base.DATA_DIR}\nPORT=loud\n`)
  const env = { ...base, ENV_FILE: file, PORT: '0' } as Partial<typeof base> & { PORT: string }
  delete env.DATA_DIR
  const { code } = await new Promise<{ code: number }>((resolve) => {
    execFile(roost, ['migrate', 'status'], { env, cwd: dir }, (error) => resolve({ code: Number(error?.code ?? 0) }))
  })
  assert.equal(code, 0, 'the schema of this folder is current; a new folder would exit with 1')
})
