// roost export, agency list and member list.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Command } from 'commander'
import { parse } from 'csv-parse/sync'
import { north, players } from '../../../test/cast.ts'
import { openTestStore } from '../../../test/engines.ts'
import { tenantTables } from '../../../test/isolation/tables.ts'
import { unzip } from '../../../test/unzip.ts'
import { contextOn, deployment } from '../../../test/verify-fixture.ts'
import { parseConfig } from '../../config.ts'
import { registerAgencyList } from '../agency-list.ts'
import { CommandError } from '../context.ts'
import { registerMemberList } from '../member-list.ts'
import { registerExport } from './export.ts'
import { withSnapshot } from './snapshot.ts'
import { exportedTables, leftOut } from './tables.ts'

const store = await openTestStore()
const dir = mkdtempSync(join(tmpdir(), 'roost-export-'))
after(async () => {
  await store.close()
  rmSync(dir, { recursive: true, force: true })
})

async function roost(...args: string[]): Promise<{ out: string; err: string; code: number }> {
  const said = { out: [] as string[], err: [] as string[], code: 0 }
  const program = new Command('roost').exitOverride()
  const context = contextOn(store, said, parseConfig(deployment))
  registerAgencyList(program.command('agency'), context)
  registerMemberList(program, context)
  registerExport(program, context)
  await program.parseAsync(['node', 'roost', ...args]).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error
    said.err.push(error.message)
    said.code = error.exit_code
  })
  return { out: said.out.join('\n'), err: said.err.join('\n'), code: said.code }
}

const file = join(dir, 'north.zip')
let files: Map<string, string>
const json = (name: string) => JSON.parse(files.get(`${name}.json`) ?? '') as Record<string, unknown>[]
const csv = (name: string) =>
  parse(files.get(`${name}.csv`) ?? '', { bom: true, columns: true }) as Record<string, string>[]

before(async () => {
  await store.owner.query(
    `insert into guests (agency_id, id, first_name, last_name) select $1, gen_random_uuid(), 'Guest', 'Number ' || n
     from generate_series(1, 2500) n`,
    [north],
  )
  await store.owner.query("update properties set name = '=1+1', description = $1 where name = 'Town Flat'", [
    'a "quoted",\nlong text',
  ])
  const { code, err } = await roost('export', file, '--agency', 'north')
  assert.equal(code, 0, err)
  files = unzip(file)
})

test('an export has every row of the agency, and none of another', () => {
  assert.deepEqual(
    json('properties')
      .map(({ name }) => name)
      .sort(),
    ['=1+1', 'Forest Cabin', 'Lake House'],
  )
  assert.equal(json('guests').length, 2500)
  assert.equal(new Set(json('guests').map(({ id }) => id)).size, 2500)
  assert.deepEqual(
    json('agency').map(({ slug }) => slug),
    ['north'],
  )
  const emails = json('members').map(({ email }) => email)
  assert.ok(emails.includes(players.former.email) && !emails.includes(players.outsider.email))
  for (const [name, text] of files) assert.ok(!text.includes('Beach Villa'), name)
})

test('CSV and JSON have the same rows, and cells that a spreadsheet would run are text', () => {
  for (const { file: name } of exportedTables.filter((one) => files.has(`${one.file}.csv`)))
    assert.equal(csv(name).length, json(name).length, name)
  const town = csv('properties').find(({ name }) => name?.includes('1+1'))
  assert.deepEqual([town?.name, town?.description], ["'=1+1", 'a "quoted",\nlong text'])
  assert.equal(json('properties').find(({ name }) => name === '=1+1')?.max_guests, 4)
  assert.equal(files.get('blocks.json'), '[]\n')
})

test('the README explains every file and every column', () => {
  const readme = files.get('README.md') ?? ''
  for (const [name, text] of files) {
    if (!name.endsWith('.csv')) continue
    const section = readme.split('\n## ').find((part) => part.startsWith(name)) ?? ''
    const [header = ''] = text.replace('\ufeff', '').split('\r\n')
    for (const column of header.split(',')) assert.match(section, new RegExp(`\\| ${column} \\| .{2,} \\|`), name)
  }
  assert.match(readme, /guests\.csv[\s\S]*?2500 rows/)
})

test('an export has no secrets', async () => {
  const { rows } = await store.owner.query('select password_hash from users where password_hash is not null limit 1')
  const all = [...files.values()].join('')
  assert.ok(!all.includes(String(rows[0]?.password_hash)))
  for (const { table, columns } of await withSnapshotTables())
    for (const name of columns) assert.doesNotMatch(name, /token|secret|password/, table)
})

async function withSnapshotTables() {
  const connection = await store.connectOwner()
  const read = withSnapshot(connection, north, async ({ tables }) =>
    tables.map(({ table, columns }) => ({ table, columns: columns.map(({ name }) => name) })),
  )
  return read.finally(() => connection.release())
}

test('every table of an agency is exported, or left out for a reason', () => {
  const known = [...exportedTables.map(({ table }) => table), ...Object.keys(leftOut)]
  assert.deepEqual(
    [...tenantTables.keys()].filter((table) => !known.includes(table)),
    [],
  )
})

test('an existing file is kept, a new one is readable by its owner only', async () => {
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const again = await roost('export', file, '--agency', 'north')
  assert.deepEqual([again.code, /exists: choose another name/.test(again.err)], [2, true])
  assert.equal((await roost('export', file, '--agency', 'north', '--force', '--json')).code, 0)
  assert.deepEqual(readdirSync(dir), ['north.zip'])
})

test('an export is recorded in the audit log of its agency, a refused one is not', async () => {
  const entries = async () => {
    const { rows } = await store.owner.query(
      "select agency_id, entity_id, actor_role from audit_log where action = 'agency.exported'",
    )
    return rows
  }
  const before = await entries()
  const entry = { agency_id: north, entity_id: north, actor_role: 'operator' }
  assert.deepEqual(before, Array(before.length).fill(entry))
  assert.equal((await roost('export', file, '--agency', 'north')).code, 2)
  assert.equal((await entries()).length, before.length)
  assert.equal((await roost('export', file, '--agency', 'north', '--force')).code, 0)
  assert.equal((await entries()).length, before.length + 1)
  const exported = JSON.parse(unzip(file).get('audit_log.json') ?? '[]') as Record<string, unknown>[]
  assert.equal(exported.filter(({ action }) => action === 'agency.exported').length, before.length + 1)
})

test('an unknown agency writes nothing', async () => {
  const { code, err } = await roost('export', join(dir, 'none.zip'), '--agency', 'nowhere')
  assert.deepEqual([code, err], [2, 'no agency has the slug nowhere: roost agency list'])
  assert.deepEqual(readdirSync(dir), ['north.zip'])
})

test('agency list shows the agencies with their numbers', async () => {
  const listed = JSON.parse((await roost('agency', 'list', '--json')).out)
  const numbers = listed.map(({ slug, properties, members }: Record<string, unknown>) => [slug, properties, members])
  assert.deepEqual(numbers, [
    ['north', 3, 7],
    ['south', 1, 2],
  ])
  assert.match((await roost('agency', 'list')).out, /^SLUG .*\nnorth .*\nsouth /)
})

test('member list shows the members of one agency, former ones included', async () => {
  const listed = JSON.parse((await roost('member', 'list', '--agency', 'north', '--json')).out)
  const found = listed.find(({ email }: { email: string }) => email === players.former.email)
  assert.deepEqual([found.role, found.is_active], ['admin', false])
  const { out } = await roost('member', 'list', '--agency', 'north')
  assert.ok(out.includes(players.owner.email) && !out.includes(players.outsider.email))
  assert.equal((await roost('member', 'list', '--agency', 'nowhere')).code, 2)
})

test('member list has the order of the API: without regard to case and accents', async () => {
  const names = ['Zoe', 'émile', 'Eva', 'anna', 'Ångström']
  const ids = Object.values(players).map(({ user_id }) => user_id)
  for (const [n, name] of names.entries()) {
    await store.owner.query('update users set full_name = $1 where id = $2', [name, ids[n]])
  }
  const listed = JSON.parse((await roost('member', 'list', '--agency', 'north', '--json')).out)
  const found = listed.map(({ full_name }: { full_name: string }) => full_name)
  assert.deepEqual(
    found.filter((name: string) => names.includes(name)),
    ['Ångström', 'anna', 'émile', 'Eva', 'Zoe'],
  )
})
