// Objects of the operator's own in the schema public: a warning, or a finding when they could reach rows of an agency.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openTestStore } from '../../../test/engines.ts'
import { auditTenancy } from './audit.ts'
import { checkTenantIsolation } from './isolation-check.ts'
import { ownerTx } from './owner-tx.ts'

const store = await openTestStore()
after(() => store.close())

/** The rules with findings after the statements, which are rolled back: errors, then warnings. */
async function auditAfter(sql: string) {
  return ownerTx(store, async (tx) => {
    await tx.script(`create role roost_sabotage; ${sql}`)
    const { findings, status, fingerprint } = await auditTenancy(tx, { is_embedded: true })
    const rulesOf = (wanted: string) =>
      findings.filter(({ severity }) => severity === wanted).map(({ rule, object }) => `${rule} ${object}`)
    return { status, fingerprint, errors: rulesOf('error'), warnings: rulesOf('warning') }
  })
}

const fn = "(t text) returns text language sql as 'select t'"
const harmless: readonly (readonly [name: string, object: string, sql: string])[] = [
  ['a table', 'public.notes', 'create table public.notes (id int unique, text text)'],
  ['a table with a nullable agency_id', 'public.notes', 'create table public.notes (agency_id uuid)'],
  [
    'a table that references ours',
    'public.notes',
    'create table public.notes (agency uuid references public.agencies)',
  ],
  [
    'a table with a policy and a trigger',
    'public.notes',
    `create table public.notes (id int); create policy p on public.notes using (true);
     create trigger t after insert on public.notes for each row execute function app.touch()`,
  ],
  [
    'a partitioned table',
    'public.notes_1',
    'create table public.notes (id int) partition by list (id); create table public.notes_1 partition of public.notes default',
  ],
  ['a view', 'public.report', 'create view public.report as select * from public.bookings'],
  [
    'a view with security_invoker for another role',
    'public.report',
    `create view public.report with (security_invoker) as select * from public.bookings;
     grant select on public.report to roost_sabotage`,
  ],
  ['a materialised view', 'public.report', 'create materialized view public.report as select * from public.bookings'],
  ['a sequence', 'public.numbers', 'create sequence public.numbers'],
  ['a function', 'public.slug(text)', `create function public.slug${fn}`],
  ['a trigger function', 'public.t()', "create function public.t() returns trigger language plpgsql as 'begin end'"],
  [
    'a function for another role',
    'public.slug(text)',
    `create function public.slug${fn}; grant execute on function public.slug(text) to roost_sabotage`,
  ],
  [
    'a function that a view of the operator uses',
    'public.slug(text)',
    `create function public.slug${fn}; create view public.report as select public.slug(email) from public.guests`,
  ],
  [
    'an operator with a name of its own',
    'public.~~~~(text,text)',
    'create operator public.~~~~ (leftarg = text, rightarg = text, function = texteq)',
  ],
]

for (const [name, object, sql] of harmless) {
  test(`${name} is a warning`, async () => {
    const { errors, warnings, status, fingerprint } = await auditAfter(sql)
    assert.deepEqual([errors, status], [[], 'ok'])
    assert.ok(warnings.includes(`X07 ${object}`), warnings.join(', '))
    assert.equal(fingerprint, (await auditAfter('select 1')).fingerprint)
  })
}

const harmful: readonly (readonly [rule: string, name: string, sql: string])[] = [
  [
    'T01',
    'a table for the tenant role',
    'create table public.notes (id int); grant insert on public.notes to roost_tenant',
  ],
  [
    'R01',
    'a column for the system role',
    'create table public.notes (id int); grant select (id) on public.notes to roost_system',
  ],
  ['R02', 'a table for PUBLIC', 'create table public.notes (id int); grant select on public.notes to public'],
  ['R01', 'a table that inherits from ours', 'create table public.old_guests () inherits (public.guests)'],
  [
    'O06',
    'a table that inherits from ours for another role',
    'create table public.old_guests () inherits (public.guests); grant select on public.old_guests to roost_sabotage',
  ],
  [
    'O03',
    'a table of the tenant role',
    'create table public.notes (id int); alter table public.notes owner to roost_tenant',
  ],
  [
    'V01',
    'a view with the rights of its owner for the tenant role',
    'create view public.report as select * from public.guests; grant select on public.report to roost_tenant',
  ],
  [
    'V01',
    'a view with the rights of its owner for another role',
    'create view public.report as select * from public.guests; grant select on public.report to roost_sabotage',
  ],
  [
    'O06',
    'a materialised view for another role',
    'create materialized view public.report as select * from public.guests; grant select on public.report to roost_sabotage',
  ],
  [
    'X06',
    'a view with security_invoker for the tenant role',
    'create view public.report with (security_invoker) as select 1 as a; grant select on public.report to roost_tenant',
  ],
  ['O06', 'a sequence for PUBLIC', 'create sequence public.numbers; grant usage on sequence public.numbers to public'],
  ['P01', 'a SECURITY DEFINER function', `create function public.slug${fn} security definer`],
  ['P03', 'a leakproof function', `create function public.slug${fn} leakproof`],
  [
    'X06',
    'a function granted to the tenant role',
    `create function public.slug${fn}; grant execute on function public.slug(text) to roost_tenant`,
  ],
  [
    'P04',
    'a function with the name of a built-in one',
    `create function public.lower(t varchar) returns text language sql as 'select t'`,
  ],
  [
    'P04',
    'an operator with the name of a built-in one',
    'create operator public.= (leftarg = uuid, rightarg = text, function = public.eq)',
  ],
  ['P05', 'a cast between built-in types', 'create cast (text as uuid) with inout as implicit'],
  ['P05', 'a cast of a row of ours', 'create cast (public.guests as jsonb) with function public.as_jsonb as implicit'],
  [
    'X01',
    'a function that a constraint of ours calls',
    `create function public.ok(t text) returns boolean language sql immutable as 'select true';
     alter table public.guests add constraint extra check (public.ok(email))`,
  ],
  [
    'X01',
    'a function that a default of ours calls',
    `create function public.slug${fn}; alter table public.guests alter column phone set default public.slug('')`,
  ],
  [
    'X01',
    'a function that an index of ours calls',
    `create function public.slug(t text) returns text language sql immutable as 'select t';
     create index on public.guests (agency_id, public.slug(email))`,
  ],
  [
    'X05',
    'a trigger on our table',
    `create function public.copy() returns trigger language plpgsql as 'begin return new; end';
     create trigger copy after insert on public.guests for each row execute function public.copy()`,
  ],
  ['X04', 'a policy on our table', 'create policy more on public.guests as restrictive to roost_tenant using (true)'],
  ['G01', 'a rule on our table', 'create rule r as on insert to public.guests do also notify n'],
  ['V01', 'a view in the schema app', 'create view app.report as select 1 as a'],
  ['P02', 'a function in the schema app', `create function app.slug${fn}`],
]

const helpers = `
  create function public.eq(a uuid, b text) returns boolean language sql as 'select true';
  create function public.as_jsonb(public.guests) returns jsonb language sql as $$ select '{}'::jsonb $$;`

for (const [rule, name, sql] of harmful) {
  test(`${rule} finds ${name}`, async () => {
    const { errors, status } = await auditAfter(`${helpers} ${sql}`)
    assert.ok(
      errors.some((error) => error.startsWith(`${rule} `)),
      errors.join(', '),
    )
    assert.equal(status, 'findings')
  })
}

test('the isolation check leaves tables of the operator out', async (t) => {
  await store.owner.query('create table public.notes (agency_id uuid not null, id int not null check (id > id))')
  t.after(() => store.owner.query('drop table public.notes'))
  const connection = await store.connectOwner()
  const { findings } = await checkTenantIsolation(connection, { only: ['notes', 'agencies'] })
  await connection.release()
  assert.deepEqual(findings, [])
})
