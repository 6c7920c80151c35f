// Proves what is said about each setting of the server that Roost cannot set itself.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeServer, type ServerFacts } from './server-settings.ts'

const good: ServerFacts = {
  is_standby: false,
  read_only: 'off',
  encoding: 'UTF8',
  replication_role: 'origin',
  role_limit: -1,
  database_limit: -1,
  max_connections: 100,
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  clock_ahead_ms: 0,
}

const cases: readonly [name: string, changed: Partial<ServerFacts>, found: string[]][] = [
  ['a server as it should be', {}, []],
  ['a replica', { is_standby: true }, ['error standby']],
  ['a server on which transactions only read', { read_only: 'on' }, ['error read only']],
  ['another encoding', { encoding: 'SQL_ASCII' }, ['error encoding']],
  ['triggers switched off', { replication_role: 'replica' }, ['error replication role']],
  ['a role that may have 12 sessions', { role_limit: 12 }, ['warning connections']],
  ['a role that may have 13 sessions', { role_limit: 13 }, []],
  ['a role that may have none', { role_limit: 0 }, ['warning connections']],
  ['a database that may have 5 sessions', { database_limit: 5 }, ['warning connections']],
  ['a server for 10 sessions', { max_connections: 10 }, ['warning connections']],
  ['a clock 2 s ahead', { clock_ahead_ms: 2000 }, []],
  ['a clock 8 s ahead', { clock_ahead_ms: 8000 }, ['warning clock']],
  ['a clock 8 s behind', { clock_ahead_ms: -8000 }, ['warning clock']],
  ['fsync off', { fsync: 'off' }, ['warning durability']],
  ['synchronous_commit local', { synchronous_commit: 'local' }, []],
  ['two at once', { synchronous_commit: 'off', is_standby: true }, ['error standby', 'warning durability']],
]

for (const [name, changed, found] of cases) {
  test(`${name}: ${found.join(', ') || 'no finding'}`, () => {
    const findings = judgeServer({ ...good, ...changed }, 10)
    assert.deepEqual(
      findings.map(({ severity, name: what }) => `${severity} ${what}`),
      found,
    )
  })
}
