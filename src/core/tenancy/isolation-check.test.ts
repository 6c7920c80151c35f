// The isolation check: no findings on a migrated database, and findings for each opened leak.
// One engine is enough: audit.test.ts shows that both have the same catalog.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import type { TenancyFinding } from './audit.ts'
import { checkTenantIsolation, type IsolationOptions, type IsolationReport } from './isolation-check.ts'

const store = await openTestStore()
after(() => store.close())

async function runCheck(options: IsolationOptions = {}): Promise<IsolationReport> {
  const connection = await store.connectOwner()
  try {
    return await checkTenantIsolation(connection, options)
  } finally {
    await connection.release()
  }
}

/** The findings for one table after the statement `open`, which `close` reverts. */
async function findAfter(table: string, open: string, close: string): Promise<TenancyFinding[]> {
  await store.owner.query(open)
  try {
    return (await runCheck({ only: [table] })).findings
  } finally {
    await store.owner.query(close)
  }
}

const kinds = (findings: readonly TenancyFinding[]) =>
  [...new Set(findings.map(({ rule, message }) => `${rule} ${message.split(':')[0]}`))].sort()

test('no table can be read, changed or referenced across agencies, and no row remains', async () => {
  const count = async () =>
    (
      await store.owner.query(
        'select (select count(*) from agencies)::int as agencies, (select count(*) from users)::int as users',
      )
    ).rows
  const before = await count()
  const report = await runCheck()
  assert.deepEqual(report.findings, [])
  assert.equal(report.tables, 26)
  assert.ok(report.statements > 3000, `${report.statements}`)
  assert.deepEqual(await count(), before)
})

test('a policy USING (true) is found by every kind of read, including COPY and cursors', async () => {
  const findings = await findAfter(
    'guests',
    'alter policy tenant on guests using (true)',
    'alter policy tenant on guests using (agency_id = (select app.agency_id()))',
  )
  const reads = [
    'aggregate',
    'common table expression',
    'copy',
    'cursor',
    'exists',
    'join with itself',
    'select by key',
  ]
  const found = kinds(findings)
  assert.deepEqual(
    reads.filter((name) => !found.includes(`L01 ${name}`)),
    [],
  )
})

const leaks = [
  {
    name: 'row-level security off',
    table: 'bookings',
    open: 'alter table bookings disable row level security',
    close: 'alter table bookings enable row level security',
    wanted: 'L01 select by key',
  },
  {
    name: 'WITH CHECK (true)',
    table: 'guests',
    open: 'alter policy tenant on guests with check (true)',
    close: 'alter policy tenant on guests with check (agency_id = (select app.agency_id()))',
    wanted: 'L02 insert',
  },
  {
    name: 'a foreign key without the agency',
    table: 'holds',
    open: `create unique index loose on properties (id);
      alter table holds drop constraint holds_property_fkey, add constraint holds_property_fkey foreign key (property_id) references properties (id)`,
    close: `alter table holds drop constraint holds_property_fkey,
        add constraint holds_property_fkey foreign key (agency_id, property_id) references properties (agency_id, id);
      drop index loose`,
    wanted: 'L03 reference properties',
  },
  {
    name: 'a unique key of all agencies',
    table: 'guests',
    open: 'alter table guests add constraint loose unique (id)',
    close: 'alter table guests drop constraint loose',
    wanted: 'L03 an id that the other agency uses',
  },
  {
    name: 'access for unknown roles',
    table: 'guests',
    open: "alter policy guest_scope on guests using (app.app_role() <> 'owner')",
    close: `alter policy guest_scope on guests using ((select app.has_role('admin', 'manager', 'staff'))
      or ((select app.app_role()) = 'owner' and app.is_own_guest(agency_id, id)))`,
    wanted: 'L04 can read a row',
  },
  {
    name: 'all sessions readable',
    table: 'sessions',
    open: 'grant select on sessions to roost_tenant; create policy loose on sessions for select to roost_tenant using (true)',
    close: 'drop policy loose on sessions; revoke select on sessions from roost_tenant',
    wanted: 'L01 select by key',
  },
  {
    name: 'no rows readable',
    table: 'guests',
    open: 'create policy shut on guests as restrictive for select to roost_tenant using (false)',
    close: 'drop policy shut on guests',
    wanted: 'L05 cannot read the row of its own agency',
  },
]

for (const { name, table, open, close, wanted } of leaks) {
  test(`${name}: ${wanted}`, async () => {
    const found = kinds(await findAfter(table, open, close))
    assert.ok(found.includes(wanted), found.join('\n') || 'nothing')
  })
}

test('a table without a possible sample row is an error, and everything is rolled back', async () => {
  await store.owner.query(
    'create table odd (agency_id uuid not null, id uuid not null, spot point not null, primary key (agency_id, id)); grant select on odd to roost_tenant',
  )
  await assert.rejects(runCheck(), /no value is known for odd\.spot/)
  await store.owner.query('drop table odd')
  assert.deepEqual((await runCheck({ only: ['guests'] })).findings, [])
})
