// Ways to break the isolation of agencies: each is one statement, and the rule of the audit that must name it.

export interface Sabotage {
  readonly name: string
  /** Run by the schema's owner. */
  readonly sql: string
  readonly rule: string
}

const sabotage = (rule: string, name: string, sql: string): Sabotage => ({ rule, name, sql })

/** Written by hand, at least one for each rule. */
export const sabotages: readonly Sabotage[] = [
  sabotage('T01', 'a table without an agency', 'create table public.notes (id uuid primary key, text text)'),
  sabotage(
    'T02',
    'the agency may be null',
    'alter table public.audit_log drop constraint audit_log_pkey; alter table public.audit_log alter column agency_id drop not null',
  ),
  sabotage('T03', 'a child table outside', 'create table app.old_bookings () inherits (public.bookings)'),
  sabotage(
    'T04',
    'a table of the same name in a schema named like the role of requests',
    'create schema authenticated; create table authenticated.guests as select * from public.guests',
  ),
  sabotage(
    'T04',
    'a view of the same name in a schema named like the system role',
    'create schema roost_system; create view roost_system.users as select 1 as id',
  ),
  sabotage(
    'I01',
    'no index leads with the agency',
    'alter table public.audit_seals drop constraint audit_seals_pkey, drop constraint audit_seals_audit_key',
  ),
  sabotage(
    'I02',
    'an invalid index',
    "update pg_index set indisvalid = false where indexrelid = 'public.bookings_guest_idx'::regclass",
  ),
  sabotage(
    'F01',
    'a foreign key without the agency',
    'create unique index x on public.properties (id); alter table public.holds add constraint plain foreign key (property_id) references public.properties (id)',
  ),
  sabotage(
    'F01',
    'a foreign key that carries another column for the agency',
    'alter table public.holds add column other_agency uuid, add constraint crossed foreign key (other_agency, property_id) references public.properties (agency_id, id)',
  ),
  sabotage(
    'F02',
    'a foreign key that was never validated',
    'alter table public.bookings drop constraint bookings_property_fkey, add constraint bookings_property_fkey foreign key (agency_id, property_id) references public.properties (agency_id, id) not valid',
  ),
  sabotage(
    'F03',
    'a foreign key that sets the agency to null',
    'alter table public.bookings drop constraint bookings_guest_fkey, add constraint bookings_guest_fkey foreign key (agency_id, guest_id) references public.guests (agency_id, id) on delete set null',
  ),
  sabotage('F04', 'a foreign key without an index', 'drop index public.bookings_guest_idx'),
  sabotage(
    'U01',
    'a unique key of all agencies',
    'alter table public.guests add constraint guests_phone_key unique (phone)',
  ),
  sabotage(
    'U01',
    'an exclusion constraint of all agencies',
    'alter table public.occupancies add constraint wide exclude using gist (property_id with =, during with &&)',
  ),
  sabotage('R01', 'row-level security off', 'alter table public.guests disable row level security'),
  sabotage('R01', 'row-level security off for people', 'alter table public.users disable row level security'),
  sabotage('R02', 'not forced', 'alter table public.guests no force row level security'),
  sabotage('R03', 'the policy dropped, the grant kept', 'drop policy tenant on public.blocks'),
  sabotage('R04', 'USING (true)', 'alter policy tenant on public.bookings using (true)'),
  sabotage(
    'R04',
    'an OR beside the agency',
    'alter policy tenant on public.bookings using (agency_id = (select app.agency_id()) or num_adults = 77)',
  ),
  sabotage('R04', 'WITH CHECK (true)', 'alter policy tenant on public.bookings with check (true)'),
  sabotage(
    'R04',
    'another column than the agency',
    'alter policy tenant on public.bookings using (id = (select app.agency_id()))',
  ),
  sabotage('R05', 'a policy for PUBLIC', 'create policy everybody on public.sessions using (true)'),
  sabotage(
    'R06',
    'a second permissive policy',
    'create policy support on public.bookings for select to authenticated using (true)',
  ),
  sabotage(
    'R06',
    'a narrower policy made permissive',
    'drop policy owner_scope on public.bookings; create policy owner_scope on public.bookings for select to authenticated using ((select app.is_staff()))',
  ),
  sabotage(
    'R07',
    'a policy that reads user_metadata',
    "create policy meta on public.bookings as restrictive to authenticated using ((app.claims() #>> '{user_metadata,role}') = 'admin')",
  ),
  sabotage(
    'R08',
    'the system role sees every booking',
    'create policy jobs on public.bookings for select to roost_system using (true)',
  ),
  sabotage('R08', 'the purge sees every key', 'alter policy purge_select on public.idempotency_keys using (true)'),
  sabotage(
    'R09',
    'a policy for a role of its own',
    'create role roost_sabotage; create policy other on public.bookings for select to roost_sabotage using (true)',
  ),
  sabotage('O01', 'BYPASSRLS', 'alter role authenticated bypassrls'),
  sabotage('O01', 'a superuser', 'alter role roost_system superuser'),
  sabotage('O01', 'a role that logs in', 'alter role roost_auth login'),
  sabotage('O02', 'the tenant role becomes the system role', 'grant roost_system to authenticated'),
  sabotage('O03', 'the tenant role owns a table', 'alter table public.guests owner to authenticated'),
  sabotage('O03', 'the tenant role owns a function', 'alter function app.touch() owner to authenticated'),
  sabotage('O04', 'the tenant role may truncate', 'grant truncate on public.bookings to authenticated'),
  sabotage('O04', 'the tenant role may add triggers', 'grant trigger on public.bookings to authenticated'),
  sabotage('O05', 'the tenant role may create tables', 'grant create on schema public to authenticated'),
  sabotage('O05', 'everybody may create functions', 'grant create on schema app to public'),
  sabotage('O06', 'everybody may read', 'grant select on public.guests to public'),
  sabotage('O06', 'everybody may read one column', 'grant select (email) on public.guests to public'),
  sabotage('O06', 'everybody may call', 'grant execute on function app.list_agencies() to public'),
  sabotage(
    'O06',
    'a role of its own may read',
    'create role roost_sabotage; grant select on public.guests to roost_sabotage',
  ),
  sabotage('O06', 'the tenant role reads the job queue', 'grant select on pgboss.job to authenticated'),
  sabotage(
    'O07',
    'rights on tables to come',
    'alter default privileges in schema public grant select on tables to public',
  ),
  sabotage('O08', 'the API logs in as a superuser', 'select 1'),
  sabotage(
    'O09',
    'the tenant role may look up passwords',
    'grant execute on function app.sign_in_user(text) to authenticated',
  ),
  sabotage(
    'O10',
    'the tenant role reads password hashes',
    'grant select (password_hash) on public.users to authenticated',
  ),
  sabotage('O11', 'the audit log may be changed', 'grant update on public.audit_log to authenticated'),
  sabotage(
    'O12',
    'claims by default',
    `alter role authenticated set request.jwt.claims = '{"agency_id":"00000001-0000-7000-8000-000000000001"}'`,
  ),
  sabotage(
    'O13',
    'temporary tables for everybody',
    "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$",
  ),
  sabotage('V01', 'a view that reads as its owner', 'create view public.all_bookings as select * from public.bookings'),
  sabotage('V01', 'a materialised view', 'create materialized view app.report as select * from public.bookings'),
  sabotage(
    'P01',
    'a function that runs as its owner',
    "create function app.peek() returns bigint language sql security definer set search_path = '' as 'select count(*) from public.bookings'",
  ),
  sabotage('P01', 'one of ours made to run as its owner', 'alter function app.touch() security definer'),
  sabotage('P02', 'a search_path that is not pinned', 'alter function app.touch() reset search_path'),
  sabotage('P03', 'a leakproof function', 'alter function app.has_role(text[]) leakproof'),
  sabotage('G01', 'a rewrite rule', 'create rule double as on insert to public.audit_log do also notify audited'),
  sabotage('G02', 'foreign keys switched off', 'alter table public.bookings disable trigger all'),
  sabotage(
    'X00',
    'a schema from before',
    "create or replace function app.schema_version() returns text language sql security definer set search_path = pg_catalog as $$ select '20200101000000' $$",
  ),
  sabotage(
    'X01',
    'the claims made up',
    `create or replace function app.agency_id() returns uuid language sql stable parallel safe return '00000001-0000-7000-8000-000000000001'::uuid`,
  ),
  sabotage(
    'X01',
    'unknown roles are staff',
    "create or replace function app.has_role(variadic roles text[]) returns boolean language sql stable parallel safe return app.app_role() = any (roles || array['operator', 'guest'])",
  ),
  sabotage(
    'X01',
    'a function goes to another language',
    "create or replace function app.touch() returns trigger language plpgsql set search_path = '' as 'begin return new; end'",
  ),
  sabotage(
    'X02',
    'no constraint against double bookings',
    'alter table public.occupancies drop constraint occupancies_no_overlap',
  ),
  sabotage('X02', 'a check is gone', 'alter table public.bookings drop constraint bookings_total_check'),
  sabotage('X02', 'a unique index is gone', 'drop index public.team_invitations_open_key'),
  sabotage('X04', 'owners see every home', 'drop policy owner_scope on public.properties'),
  sabotage(
    'X04',
    'staff may change the team',
    "alter policy write_update on public.team_members using ((select app.has_role('admin', 'staff')))",
  ),
  sabotage('X05', 'the last admin may go', 'drop trigger keep_an_admin on public.team_members'),
  sabotage(
    'X05',
    'a trigger that copies rows',
    'create trigger copy after insert on public.guests for each row execute function app.touch()',
  ),
  sabotage('X06', 'the tenant role may delete bookings', 'grant delete on public.bookings to authenticated'),
]

/** The same mistakes on every tenant table there is: new tables come under them by themselves. */
export function sabotagesOf(table: string): Sabotage[] {
  return [
    sabotage('R01', `${table}: off`, `alter table public.${table} disable row level security`),
    sabotage('R02', `${table}: not forced`, `alter table public.${table} no force row level security`),
    sabotage('R03', `${table}: no policy`, `drop policy tenant on public.${table}`),
    sabotage('R04', `${table}: USING (true)`, `alter policy tenant on public.${table} using (true)`),
    sabotage(
      'R06',
      `${table}: one more`,
      `create policy more on public.${table} for select to authenticated using (true)`,
    ),
    sabotage('O04', `${table}: TRUNCATE`, `grant truncate on public.${table} to authenticated`),
    sabotage('O06', `${table}: PUBLIC`, `grant select on public.${table} to public`),
  ]
}
