// The proof finds nothing on a database as the migrations leave it, leaves nothing behind, and sees each way in that is opened.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import type { TenancyFinding } from './audit.ts'
import { type Proof, type ProofOptions, proveTenancy } from './isolation-check.ts'

const store = await openTestStore()
after(() => store.close())

async function prove(options: ProofOptions = {}): Promise<Proof> {
  const connection = await store.connectOwner()
  try {
    return await proveTenancy(connection, options)
  } finally {
    await connection.release()
  }
}

/** What is found in one table while the first statement holds; the second undoes it. */
async function foundAfter(table: string, open: string, shut: string): Promise<TenancyFinding[]> {
  await store.owner.query(open)
  try {
    return (await prove({ only: [table] })).findings
  } finally {
    await store.owner.query(shut)
  }
}

const kinds = (findings: readonly TenancyFinding[]) =>
  [...new Set(findings.map(({ rule, message }) => `${rule} ${message.split(':')[0]}`))].sort()

test('nothing of another agency is seen, changed or referred to in any table, and no row is left behind', async () => {
  const count = async () =>
    (
      await store.owner.query(
        'select (select count(*) from agencies)::int as agencies, (select count(*) from users)::int as users',
      )
    ).rows
  const before = await count()
  const proof = await prove()
  assert.deepEqual(proof.findings, [])
  assert.equal(proof.tables, 16)
  assert.ok(proof.probes > 3000, `${proof.probes}`)
  assert.deepEqual(await count(), before)
})

test('a policy that lets every row through is seen by each way of reading, COPY and cursors among them', async () => {
  const findings = await foundAfter(
    'guests',
    'alter policy tenant on guests using (true)',
    'alter policy tenant on guests using (agency_id = (select app.agency_id()))',
  )
  const reading = [
    'aggregate',
    'common table expression',
    'copy',
    'cursor',
    'exists',
    'join with itself',
    'select by key',
  ]
  const seen = kinds(findings)
  assert.deepEqual(
    reading.filter((way) => !seen.includes(`L01 ${way}`)),
    [],
  )
})

const openings = [
  {
    name: 'row-level security off',
    table: 'bookings',
    open: 'alter table bookings disable row level security',
    shut: 'alter table bookings enable row level security',
    wanted: 'L01 select by key',
  },
  {
    name: 'WITH CHECK (true)',
    table: 'guests',
    open: 'alter policy tenant on guests with check (true)',
    shut: 'alter policy tenant on guests with check (agency_id = (select app.agency_id()))',
    wanted: 'L02 insert',
  },
  {
    name: 'a foreign key without the agency',
    table: 'holds',
    open: `create unique index loose on properties (id);
      alter table holds drop constraint holds_property_fkey, add constraint holds_property_fkey foreign key (property_id) references properties (id)`,
    shut: `alter table holds drop constraint holds_property_fkey,
        add constraint holds_property_fkey foreign key (agency_id, property_id) references properties (agency_id, id);
      drop index loose`,
    wanted: 'L03 refer to properties',
  },
  {
    name: 'a unique key of all agencies',
    table: 'guests',
    open: 'alter table guests add constraint loose unique (id)',
    shut: 'alter table guests drop constraint loose',
    wanted: 'L03 an id the other agency uses',
  },
  {
    name: 'unknown roles are members',
    table: 'guests',
    open: "alter policy guest_scope on guests using (app.app_role() <> 'owner')",
    shut: `alter policy guest_scope on guests using ((select app.has_role('admin', 'manager', 'staff'))
      or ((select app.app_role()) = 'owner' and app.is_own_guest(agency_id, id)))`,
    wanted: 'L04 sees a row',
  },
  {
    name: 'sessions of everybody',
    table: 'sessions',
    open: 'grant select on sessions to authenticated; create policy loose on sessions for select to authenticated using (true)',
    shut: 'drop policy loose on sessions; revoke select on sessions from authenticated',
    wanted: 'L01 select by key',
  },
  {
    name: 'nobody sees anything',
    table: 'guests',
    open: 'create policy shut on guests as restrictive for select to authenticated using (false)',
    shut: 'drop policy shut on guests',
    wanted: 'L05 does not see the row of its own agency',
  },
]

for (const { name, table, open, shut, wanted } of openings) {
  test(`${name}: ${wanted}`, async () => {
    const seen = kinds(await foundAfter(table, open, shut))
    assert.ok(seen.includes(wanted), seen.join('\n') || 'nothing')
  })
}

test('a table whose rows cannot be made is said to be, and everything is rolled back', async () => {
  await store.owner.query(
    'create table odd (agency_id uuid not null, id uuid not null, spot point not null, primary key (agency_id, id))',
  )
  await assert.rejects(prove(), /no value is known for odd\.spot/)
  await store.owner.query('drop table odd')
  assert.deepEqual((await prove({ only: ['guests'] })).findings, [])
})
