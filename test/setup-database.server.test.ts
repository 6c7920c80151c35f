// roost setup-database, then the commands of the README on a server, as the roles that it creates.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import { newName, onServer, serverUrl } from './server-run.ts'

const roost = join(import.meta.dirname, '../bin/roost')

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(args: string[], env: NodeJS.Dict<string> = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(roost, args, { env: { PATH: process.env.PATH, ENV_FILE: '', ...env } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

test('setup-database creates what migrate, doctor, agency create and verify need', async () => {
  const name = newName()
  const setup = ['setup-database', '--admin-url', serverUrl, '--name', name]
  const made = await run(setup)
  assert.equal(made.code, 0, made.err)
  const env = parseEnv(made.out)
  assert.deepEqual(Object.keys(env), ['DATABASE_URL', 'JWT_SECRET', 'MIGRATION_DATABASE_URL'])
  const again = await run(setup)
  assert.deepEqual([again.code, again.out], [2, ''])
  assert.match(again.err, new RegExp(`already there: the role ${name}_.*the database ${name}\\.`))
  assert.equal((await run(['migrate', 'up'], env)).code, 0)
  const { out } = await run(['doctor', '--json'], env)
  const results = JSON.parse(out).map(({ check, result }: Record<string, string>) => `${check}: ${result}`)
  for (const check of ['login role', 'schema', 'tenancy', 'events']) assert.ok(results.includes(`${check}: ok`), out)
  const agency = ['agency', 'create', '--name', 'Lake', '--slug', 'lake', '--admin-email', 'a@lake.example']
  assert.equal((await run(agency, env)).code, 0)
  for (const check of ['tenancy', 'audit']) {
    const verified = await run(['verify', check], env)
    assert.equal(verified.code, 0, verified.out)
  }
})

test('the SQL of setup-database --print gives the same roles and database', async () => {
  const name = newName()
  const printed = await run(['setup-database', '--name', name, '--print'])
  assert.equal(printed.code, 0, printed.err)
  const [roles = '', database = ''] = printed.out.split('commit;\n')
  await onServer(async (client) => {
    await client.query(`${roles}commit;`)
    for (const statement of database.split(';\n').filter((text) => /^[a-z]/.test(text))) await client.query(statement)
    const { rows } = await client.query(
      `select r.rolname, r.rolcanlogin, r.rolsuper, r.rolinherit, d.datname is not null as is_owner
       from pg_roles r left join pg_database d on d.datdba = r.oid where r.rolname like $1 order by 1`,
      [`${name}\\_%`],
    )
    assert.deepEqual(rows.map(Object.values), [
      [`${name}_api`, true, false, false, false],
      [`${name}_owner`, true, false, true, true],
    ])
  })
})

const refusals: [name: string, args: string[], message: RegExp][] = [
  ['a name that is no identifier', ['--admin-url', serverUrl, '--name', 'x; drop'], /^--name must begin with a letter/],
  ['a URL of another kind', ['--admin-url', 'http://db'], /^--admin-url must be a URL starting with postgres:\/\//],
  ['a server that cannot be reached', ['--admin-url', 'postgres://127.0.0.1:1/x'], /cannot be reached: .*ECONNREFUSED/],
  ['no URL', [], /^--admin-url must be set/],
]
for (const [name, args, message] of refusals) {
  test(`setup-database refuses ${name}`, async () => {
    const { code, err } = await run(['setup-database', ...args])
    assert.equal(code, 2)
    assert.match(err, message)
  })
}
