// The findings for each server setting that Roost cannot set itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkServerFacts, type ServerFacts } from './server-settings.ts'

const good: ServerFacts = {
  is_standby: false,
  read_only: 'off',
  encoding: 'UTF8',
  replication_role: 'origin',
  is_tenant_member: true,
  role_limit: -1,
  database_limit: -1,
  max_connections: 100,
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  clock_ahead_ms: 0,
}

const cases: readonly [name: string, changed: Partial<ServerFacts>, found: string[]][] = [
  ['a correctly configured server', {}, []],
  ['a replica', { is_standby: true }, ['error standby']],
  ['a server whose transactions are read-only by default', { read_only: 'on' }, ['error read only']],
  ['another encoding', { encoding: 'SQL_ASCII' }, ['error encoding']],
  ['triggers switched off', { replication_role: 'replica' }, ['error replication role']],
  ['a login without the tenant role', { is_tenant_member: false }, ['error roles']],
  ['a role limited to 12 connections', { role_limit: 12 }, ['warning connections']],
  ['a role limited to 13 connections', { role_limit: 13 }, []],
  ['a role limited to 0 connections', { role_limit: 0 }, ['warning connections']],
  ['a database limited to 5 connections', { database_limit: 5 }, ['warning connections']],
  ['a server limited to 10 connections', { max_connections: 10 }, ['warning connections']],
  ['a clock 2 s ahead', { clock_ahead_ms: 2000 }, []],
  ['a clock 8 s ahead', { clock_ahead_ms: 8000 }, ['warning clock']],
  ['a clock 8 s behind', { clock_ahead_ms: -8000 }, ['warning clock']],
  ['fsync off', { fsync: 'off' }, ['warning durability']],
  ['synchronous_commit local', { synchronous_commit: 'local' }, []],
  ['two problems', { synchronous_commit: 'off', is_standby: true }, ['error standby', 'warning durability']],
]

for (const [name, changed, found] of cases) {
  test(`${name}: ${found.join(', ') || 'no finding'}`, () => {
    const findings = checkServerFacts({ ...good, ...changed }, 10)
    assert.deepEqual(
      findings.map(({ severity, name: what }) => `${severity} ${what}`),
      found,
    )
  })
}
