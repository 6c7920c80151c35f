// bin/roost as a process, on its own data directory: output and exit codes.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import type { CommandContext } from '../src/commands/context.ts'
import { createProgram } from '../src/commands/program.ts'
import { prepareFolder } from './prepared-folder.ts'

const root = join(import.meta.dirname, '..')
const roost = join(root, 'bin/roost')
const dir = mkdtempSync(join(tmpdir(), 'roost-cli-'))
after(() => rmSync(dir, { recursive: true, force: true }))
const base = {
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  DATA_DIR: await prepareFolder(join(dir, 'data')),
  LOG_LEVEL: 'silent',
  ENV_FILE: '',
}

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(args: string[], env: Record<string, string | undefined> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(roost, args, { env: { ...base, ...env }, cwd: dir }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })
}

/** Every command with its words, also the groups. */
function commandsOf(program: Command, words: readonly string[] = []): [command: Command, words: readonly string[]][] {
  return program.commands.flatMap((command) => {
    const own = [...words, command.name()]
    return [[command, own], ...commandsOf(command, own)]
  })
}

test('--help lists every command, and every command has its own --help', async () => {
  const { code, out } = await run(['--help'])
  assert.equal(code, 0)
  const commands = commandsOf(createProgram({} as CommandContext))
  assert.ok(commands.length >= 25, `${commands.length} commands`)
  for (const [command, words] of commands) {
    if (words.length === 1) assert.match(out, new RegExp(`^  ${words[0]}\\b`, 'm'))
    assert.ok(command.description().length > 10, words.join(' '))
    assert.match(command.helpInformation(), new RegExp(`^Usage: roost ${words.join(' ')}\\b`))
  }
  const help = await run(['agency', 'create', '--help'])
  assert.equal(help.code, 0, help.err)
  assert.match(help.out, /Usage: roost agency create/)
})

test('an invalid configuration exits with 78 and one line per problem, without stack or values', async () => {
  const { code, err } = await run(['serve'], { PORT: 'x', JWT_SECRET: 'short', LOG_LEVEL: 'loud' })
  assert.equal(code, 78)
  for (const name of ['PORT', 'JWT_SECRET', 'LOG_LEVEL']) assert.match(err, new RegExp(`configuration: ${name} must`))
  assert.doesNotMatch(err, /\n\s+at |short\b.*secret/)
})

test('a server database without a secret exits with 78', async () => {
  const { code, err } = await run(['serve'], { DATABASE_URL: 'postgres://127.0.0.1:1/x' })
  assert.equal(code, 78)
  assert.match(err, /JWT_SECRET must be set/)
})

const badSecrets = { empty: '', short: 'abc', 'a line of spaces': `${' '.repeat(40)}\n`, '31 bytes': 'x'.repeat(31) }
for (const [name, content] of Object.entries(badSecrets)) {
  test(`a jwt-secret file that is ${name} exits with 78, explains and leaves it unchanged`, async () => {
    const own = join(dir, `secret-${name.replaceAll(' ', '-')}`)
    mkdirSync(own, { mode: 0o700 })
    writeFileSync(join(own, 'jwt-secret'), content)
    for (const command of [['serve'], ['token', '--email', 'ada@example.com']]) {
      const { code, err } = await run(command, { DATA_DIR: own })
      assert.equal(code, 78, err)
      assert.match(err, /configuration: the secret in \S+jwt-secret must be at least 32 bytes long; remove the file/)
    }
    assert.equal(readFileSync(join(own, 'jwt-secret'), 'utf8'), content)
  })
}

test('a published secret in the file is refused as in JWT_SECRET', async () => {
  const own = join(dir, 'published')
  mkdirSync(own)
  writeFileSync(join(own, 'jwt-secret'), '0123456789abcdef0123456789abcdef')
  const { code, err } = await run(['serve'], { DATA_DIR: own })
  assert.equal(code, 78)
  assert.match(err, /is a published default/)
  assert.equal(statSync(own).mode & 0o777, 0o700, 'the directory is made private before anything is read from it')
})

test('a first start on a full disk leaves no secret behind and reports it', async () => {
  const own = join(dir, 'no-room')
  const flag = join(dir, 'no-room-flag')
  writeFileSync(flag, '')
  const preload = `--import ${pathToFileURL(join(root, 'test/full-disk.ts')).href}`
  const full = await run(['migrate', 'status'], { DATA_DIR: own, FULL_DISK: flag, NODE_OPTIONS: preload })
  assert.equal(full.code, 2, full.err)
  assert.match(full.err, /^cannot write \S+jwt-secret: the disk is full \(ENOSPC\)\n$/)
  assert.deepEqual(readdirSync(own), [])
})

const is_root = process.getuid?.() === 0
test('a directory of another user is refused with 78', { skip: !is_root && 'needs root' }, async () => {
  const own = join(dir, 'foreign')
  mkdirSync(own)
  chmodSync(own, 0o777)
  chownSync(own, 65534, 65534)
  const { code, err } = await run(['migrate', 'status'], { DATA_DIR: own })
  assert.equal(code, 78)
  assert.match(err, /belongs to user 65534 and this process runs as user 0: run as user 65534, or set DATA_DIR/)
  assert.deepEqual(readdirSync(own), [])
})

test('an unknown command or a missing option exits with 2 and one line', async () => {
  for (const args of [['nonsense'], ['agency', 'create'], ['member', 'add', '--role', 'king'], ['token']]) {
    const { code, err } = await run(args)
    assert.equal(code, 2, args.join(' '))
    assert.match(err, /^error: /)
    assert.doesNotMatch(err, /\n\s+at /)
  }
})

test('an unreachable server exits with 2 and one line', async () => {
  const env = { DATABASE_URL: 'postgres://127.0.0.1:1/x', JWT_SECRET: 'x'.repeat(40) }
  const { code, err } = await run(['migrate', 'status'], env)
  assert.equal(code, 2)
  assert.match(err, /127\.0\.0\.1:1|cannot be reached|does not answer/)
  assert.doesNotMatch(err, /\n\s+at /)
})

test('agency, member and token lead to a signed-in admin', async () => {
  const created = await run([
    'agency',
    'create',
    '--name',
    'Lake',
    '--slug',
    'lake',
    '--admin-email',
    'Ada@example.com',
    '--json',
  ])
  assert.equal(created.code, 0, created.err)
  const { email, role, password } = JSON.parse(created.out)
  assert.deepEqual([email, role, typeof password], ['ada@example.com', 'admin', 'string'])
  const twice = await run(['agency', 'create', '--name', 'Lake', '--slug', 'lake', '--admin-email', 'ada@example.com'])
  assert.equal(twice.code, 2)
  assert.match(twice.err, /slug/)
  const member = await run(['member', 'add', '--agency', 'lake', '--email', 'sam@example.com', '--role', 'staff'])
  assert.match(member.out, /sam@example\.com is staff\. Password, shown this once: (\w{4}-){4}\w{4}/)
  const again = await run(['member', 'add', '--agency', 'lake', '--email', 'sam@example.com', '--role', 'owner'])
  assert.match(
    again.out,
    /The account already existed: .* proven by the operator.* active in: lake\.\nIt keeps its password\./,
  )
  const add = ['member', 'add', '--agency', 'lake', '--email', 'sam@example.com', '--role', 'staff']
  const ignored = await run([...add, '--password', 'a password of my own'])
  assert.equal(ignored.code, 2)
  assert.match(ignored.err, /has an account with a password.*--reset-password/)
  const reset = JSON.parse((await run([...add, '--reset-password', '--json'])).out)
  assert.match(reset.password, /^(\w{4}-){4}\w{4}$/)
  assert.deepEqual(reset.existing_account.sessions_ended, true)
  const proven = await run(['member', 'prove', '--email', 'sam@example.com'])
  assert.equal(proven.code, 2)
  assert.match(proven.err, /already has a proven account/)
  const nowhere = await run(['member', 'add', '--agency', 'sea', '--email', 'sam@example.com', '--role', 'staff'])
  assert.equal(nowhere.code, 2)
  const token = await run(['token', '--email', 'sam@example.com', '--agency', 'lake'])
  assert.match(token.out, /^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  assert.equal(statSync(join(base.DATA_DIR, 'jwt-secret')).mode & 0o777, 0o600)
})

test('doctor lists passed and failed checks, and openapi needs no database', async () => {
  const { code, out } = await run(['doctor', '--json'])
  assert.equal(code, 0, out)
  const findings = JSON.parse(out) as { check: string; result: string }[]
  assert.equal(findings.find(({ check }) => check === 'schema')?.result, 'ok')
  assert.equal(findings.find(({ check }) => check === 'worker')?.result, 'warning')
  assert.equal(findings.find(({ check }) => check === 'session cookie')?.result, 'ok')
  const open = await run(['doctor'], { HOST: '0.0.0.0' })
  assert.match(open.out, /^warning +session cookie +HOST lets other machines reach this service over plain http/m)
  const document = await run(['openapi'], { DATA_DIR: join(dir, 'nothing-here') })
  assert.equal(JSON.parse(document.out).openapi, '3.1.0')
})

test('serve on an empty directory loads the demo, accepts sign-ins and exits with 0 on SIGTERM', async () => {
  const env = { ...base, DATA_DIR: join(dir, 'demo'), PORT: '0' }
  const service = spawn(roost, ['serve'], { env, cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  const address = await new Promise<string>((resolve, reject) => {
    service.stderr.on('data', (chunk) => {
      said += chunk
      const [, found] = /running at (\S+)/.exec(said) ?? []
      if (found !== undefined) resolve(found)
    })
    service.on('exit', () => reject(new Error(said)))
  })
  const login = await fetch(`${address}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'owner@coast.example', password: 'roost-demo' }),
  })
  const { token } = (await login.json()) as { token: string }
  const reply = await fetch(`${address}/api/v1/properties`, { headers: { authorization: `Bearer ${token}` } })
  const { items } = (await reply.json()) as { items: unknown[] }
  assert.ok(items.length > 0 && items.length < 8, 'an owner sees own properties only')
  const locked = await run(['doctor'], { DATA_DIR: env.DATA_DIR })
  assert.equal(locked.code, 2)
  assert.match(locked.err, new RegExp(`in use by process ${service.pid}\\b`))
  service.kill('SIGTERM')
  const [code] = await once(service, 'exit')
  assert.equal(code, 0)
})

test('an import has a dry run, creates rows and changes nothing when repeated', async () => {
  const file = join(dir, 'listings.csv')
  writeFileSync(
    file,
    'id,name,property_type,accommodates,price\n1,"A ""quoted"" name, with 🏡",Entire home,4,"$1,320.00"\n2,,Entire home,none,\n',
  )
  const args = ['import', 'listings', file, '--agency', 'lake', '--currency', 'SEK', '--json']
  const dry = await run([...args, '--dry-run'])
  assert.equal(dry.code, 1, 'a bad row exits with 1')
  assert.equal(JSON.parse(dry.out).created, 1)
  const first = await run(args)
  assert.deepEqual([JSON.parse(first.out).created, JSON.parse(first.out).error], [1, 1])
  const second = await run(args)
  assert.deepEqual([JSON.parse(second.out).created, JSON.parse(second.out).skipped], [0, 1])
  const unnamed = await run(['import', 'listings', file, '--agency', 'lake'])
  assert.equal(unnamed.code, 2)
  assert.match(unnamed.err, /currency/)
})

test('feature prints its change, verify its findings; both exit with 2 on failure', async () => {
  const enable = ['feature', 'enable', 'owner_portal', '--agency']
  assert.equal((await run([...enable, 'lake'])).out, 'owner_portal is now enabled for lake.\n')
  assert.equal((await run([...enable, 'lake'])).out, 'owner_portal is already enabled for lake.\n')
  const list = await run(['feature', 'list', '--agency', 'lake', '--json'])
  const enabled = JSON.parse(list.out).filter((feature: { is_enabled: boolean }) => feature.is_enabled)
  assert.deepEqual(
    enabled.map(({ name }: { name: string }) => name),
    ['owner_portal'],
  )
  const audit = await run(['verify', 'audit', '--agency', 'lake', '--json'])
  const [result] = JSON.parse(audit.out)
  assert.equal(result.agency, 'lake')
  // No worker has run for this agency, so audit rows may be unsealed. There must be no other finding.
  assert.deepEqual(
    result.findings.filter(({ kind }: { kind: string }) => kind !== 'unsealed'),
    [],
  )
  const lost = await run(['verify', 'audit', '--head', `lake:${'0'.repeat(64)}`])
  assert.equal(lost.code, 1)
  assert.match(lost.out, /the recorded hash is not in the chain/)
  const wrong = [
    [...enable, 'sea'],
    ['feature', 'enable', 'teleport', '--agency', 'lake'],
    ['verify', 'audit', '--agency', 'sea'],
    ['verify', 'audit', '--head', 'lake'],
  ]
  for (const args of wrong) assert.equal((await run(args)).code, 2, args.join(' '))
})
