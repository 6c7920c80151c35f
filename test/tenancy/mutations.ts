// Schema changes that break tenant isolation, each with the audit rule that must report it.

export interface Mutation {
  readonly name: string
  /** Executed as the schema's owner. */
  readonly sql: string
  readonly rule: string
}

const mutation = (rule: string, name: string, sql: string): Mutation => ({ rule, name, sql })

/** At least one for each rule. */
export const mutations: readonly Mutation[] = [
  mutation(
    'T01',
    'a table without an agency',
    'create table public.notes (id uuid primary key, text text); grant select on public.notes to roost_tenant',
  ),
  mutation(
    'T02',
    'the agency may be null',
    'alter table public.audit_log drop constraint audit_log_pkey; alter table public.audit_log alter column agency_id drop not null',
  ),
  mutation('T03', 'a child table outside', 'create table app.old_bookings () inherits (public.bookings)'),
  mutation(
    'T04',
    'a table of the same name in a schema named like the tenant role',
    'create schema roost_tenant; create table roost_tenant.guests as select * from public.guests',
  ),
  mutation(
    'T04',
    'a view of the same name in a schema named like the system role',
    'create schema roost_system; create view roost_system.users as select 1 as id',
  ),
  mutation(
    'I01',
    'no index leads with the agency',
    'alter table public.audit_seals drop constraint audit_seals_pkey, drop constraint audit_seals_audit_key',
  ),
  mutation(
    'I02',
    'an invalid index',
    "update pg_index set indisvalid = false where indexrelid = 'public.bookings_guest_idx'::regclass",
  ),
  mutation(
    'F01',
    'a foreign key without the agency',
    'create unique index x on public.properties (id); alter table public.holds add constraint plain foreign key (property_id) references public.properties (id)',
  ),
  mutation(
    'F01',
    'a foreign key with another column in place of the agency',
    'alter table public.holds add column other_agency uuid, add constraint crossed foreign key (other_agency, property_id) references public.properties (agency_id, id)',
  ),
  mutation(
    'F02',
    'a foreign key that was never validated',
    'alter table public.bookings drop constraint bookings_property_fkey, add constraint bookings_property_fkey foreign key (agency_id, property_id) references public.properties (agency_id, id) not valid',
  ),
  mutation(
    'F03',
    'a foreign key that sets the agency to null',
    'alter table public.bookings drop constraint bookings_guest_fkey, add constraint bookings_guest_fkey foreign key (agency_id, guest_id) references public.guests (agency_id, id) on delete set null',
  ),
  mutation(
    'F05',
    'a foreign key to a membership',
    'alter table public.holds add constraint holds_member_fkey foreign key (agency_id, created_by) references public.team_members (agency_id, user_id)',
  ),
  mutation('F04', 'a foreign key without an index', 'drop index public.bookings_guest_idx'),
  mutation(
    'U01',
    'a unique key without the agency',
    'alter table public.guests add constraint guests_phone_key unique (phone)',
  ),
  mutation(
    'U01',
    'an exclusion constraint without the agency',
    'alter table public.occupancies add constraint wide exclude using gist (property_id with =, during with &&)',
  ),
  mutation('R01', 'row-level security off', 'alter table public.guests disable row level security'),
  mutation('R01', 'row-level security off for users', 'alter table public.users disable row level security'),
  mutation('R02', 'not forced', 'alter table public.guests no force row level security'),
  mutation('R03', 'the policy dropped, the grant kept', 'drop policy tenant on public.blocks'),
  mutation('R04', 'USING (true)', 'alter policy tenant on public.bookings using (true)'),
  mutation(
    'R04',
    'a policy with OR',
    'alter policy tenant on public.bookings using (agency_id = (select app.agency_id()) or num_adults = 77)',
  ),
  mutation('R04', 'WITH CHECK (true)', 'alter policy tenant on public.bookings with check (true)'),
  mutation(
    'R04',
    'a policy on another column',
    'alter policy tenant on public.bookings using (id = (select app.agency_id()))',
  ),
  mutation('R05', 'a policy for PUBLIC', 'create policy everybody on public.sessions using (true)'),
  mutation(
    'R06',
    'a second permissive policy',
    'create policy support on public.bookings for select to roost_tenant using (true)',
  ),
  mutation(
    'R06',
    'a restrictive policy made permissive',
    'drop policy owner_scope on public.bookings; create policy owner_scope on public.bookings for select to roost_tenant using ((select app.is_member()))',
  ),
  mutation(
    'R07',
    'a policy that reads user_metadata',
    "create policy meta on public.bookings as restrictive to roost_tenant using ((app.claims() #>> '{user_metadata,role}') = 'admin')",
  ),
  mutation(
    'R08',
    'the system role sees every booking',
    'create policy jobs on public.bookings for select to roost_system using (true)',
  ),
  mutation('R08', 'the purge sees every key', 'alter policy purge_select on public.idempotency_keys using (true)'),
  mutation(
    'R09',
    'a policy for another role',
    'create role roost_sabotage; create policy other on public.bookings for select to roost_sabotage using (true)',
  ),
  mutation('O01', 'BYPASSRLS', 'alter role roost_tenant bypassrls'),
  mutation('O01', 'a superuser', 'alter role roost_system superuser'),
  mutation('O01', 'a role that logs in', 'alter role roost_auth login'),
  mutation('O02', 'the tenant role becomes the system role', 'grant roost_system to roost_tenant'),
  mutation('O03', 'the tenant role owns a table', 'alter table public.guests owner to roost_tenant'),
  mutation('O03', 'the tenant role owns a function', 'alter function app.touch() owner to roost_tenant'),
  mutation('O04', 'the tenant role may truncate', 'grant truncate on public.bookings to roost_tenant'),
  mutation('O04', 'the tenant role may add triggers', 'grant trigger on public.bookings to roost_tenant'),
  mutation('O05', 'the tenant role may create tables', 'grant create on schema public to roost_tenant'),
  mutation('O05', 'PUBLIC may create functions', 'grant create on schema app to public'),
  mutation('O06', 'PUBLIC may read', 'grant select on public.guests to public'),
  mutation('O06', 'PUBLIC may read one column', 'grant select (email) on public.guests to public'),
  mutation('O06', 'PUBLIC may call', 'grant execute on function app.list_agencies() to public'),
  mutation(
    'O06',
    'another role may read',
    'create role roost_sabotage; grant select on public.guests to roost_sabotage',
  ),
  mutation('O06', 'the tenant role reads the job queue', 'grant select on pgboss.job to roost_tenant'),
  mutation(
    'O07',
    'default privileges on new tables',
    'alter default privileges in schema public grant select on tables to public',
  ),
  mutation('O08', 'the API logs in as a superuser', 'select 1'),
  mutation(
    'O09',
    'the tenant role may look up passwords',
    'grant execute on function app.sign_in_user(text) to roost_tenant',
  ),
  mutation(
    'O10',
    'the tenant role reads password hashes',
    'grant select (password_hash) on public.users to roost_tenant',
  ),
  mutation('O11', 'the audit log may be changed', 'grant update on public.audit_log to roost_tenant'),
  mutation(
    'O12',
    'claims as a default setting',
    `alter role roost_tenant set request.jwt.claims = '{"agency_id":"00000001-0000-7000-8000-000000000001"}'`,
  ),
  mutation(
    'O13',
    'temporary tables for PUBLIC',
    "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$",
  ),
  mutation('O06', 'a gateway writes bookings', 'grant update on public.bookings to authenticated'),
  mutation('O14', 'a gateway becomes the tenant role', 'grant roost_tenant to authenticated'),
  mutation('O15', 'a gateway uses the schema', 'grant usage on schema app to authenticated'),
  mutation(
    'V01',
    'a view without security_invoker',
    'create view public.all_bookings as select * from public.bookings; grant select on public.all_bookings to roost_tenant',
  ),
  mutation('V01', 'a materialised view', 'create materialized view app.report as select * from public.bookings'),
  mutation(
    'P01',
    'a SECURITY DEFINER function',
    "create function app.peek() returns bigint language sql security definer set search_path = '' as 'select count(*) from public.bookings'",
  ),
  mutation('P01', 'a function made SECURITY DEFINER', 'alter function app.touch() security definer'),
  mutation('P02', 'a search_path that is not pinned', 'alter function app.touch() reset search_path'),
  mutation(
    'P04',
    'a function with the name of a built-in one',
    "create function public.lower(t varchar) returns text language sql as 'select t'",
  ),
  mutation('P05', 'a cast between built-in types', 'create cast (text as uuid) with inout as implicit'),
  mutation('X07', 'a table of the operator', 'create table public.notes (id uuid primary key, text text)'),
  mutation('P03', 'a leakproof function', 'alter function app.has_role(text[]) leakproof'),
  mutation('G01', 'a rewrite rule', 'create rule double as on insert to public.audit_log do also notify audited'),
  mutation('G02', 'foreign keys switched off', 'alter table public.bookings disable trigger all'),
  mutation(
    'X00',
    'an earlier schema version',
    "create or replace function app.schema_version() returns text language sql security definer set search_path = pg_catalog as $$ select '20200101000000' $$",
  ),
  mutation(
    'X01',
    'a replaced agency_id function',
    `create or replace function app.agency_id() returns uuid language sql stable parallel safe return '00000001-0000-7000-8000-000000000001'::uuid`,
  ),
  mutation(
    'X01',
    'unknown roles count as staff',
    "create or replace function app.has_role(variadic roles text[]) returns boolean language sql stable parallel safe return app.app_role() = any (roles || array['operator', 'guest'])",
  ),
  mutation(
    'X01',
    'a function in another language',
    "create or replace function app.touch() returns trigger language plpgsql set search_path = '' as 'begin return new; end'",
  ),
  mutation(
    'X02',
    'no constraint against double bookings',
    'alter table public.occupancies drop constraint occupancies_no_overlap',
  ),
  mutation('X02', 'a missing check constraint', 'alter table public.bookings drop constraint bookings_total_check'),
  mutation('X02', 'a missing unique index', 'drop index public.team_invitations_open_key'),
  mutation('X04', 'owners see every property', 'drop policy owner_scope on public.properties'),
  mutation(
    'X04',
    'staff may change the team',
    "alter policy write_update on public.team_members using ((select app.has_role('admin', 'staff')))",
  ),
  mutation('X05', 'the last admin can be removed', 'drop trigger keep_an_admin on public.team_members'),
  mutation(
    'X05',
    'a trigger that copies rows',
    'create trigger copy after insert on public.guests for each row execute function app.touch()',
  ),
  mutation('X06', 'the tenant role may delete bookings', 'grant delete on public.bookings to roost_tenant'),
]

/** The same mutations for every tenant table, new ones included. */
export function mutationsOf(table: string): Mutation[] {
  return [
    mutation('R01', `${table}: off`, `alter table public.${table} disable row level security`),
    mutation('R02', `${table}: not forced`, `alter table public.${table} no force row level security`),
    mutation('R03', `${table}: no policy`, `drop policy tenant on public.${table}`),
    mutation('R04', `${table}: USING (true)`, `alter policy tenant on public.${table} using (true)`),
    mutation(
      'R06',
      `${table}: a second policy`,
      `create policy more on public.${table} for select to roost_tenant using (true)`,
    ),
    mutation('O04', `${table}: TRUNCATE`, `grant truncate on public.${table} to roost_tenant`),
    mutation('O06', `${table}: PUBLIC`, `grant select on public.${table} to public`),
  ]
}
