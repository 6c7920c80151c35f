// Schema changes that prevent sharding by agency, each with its `verify shardable` rule.
import type { Mutation } from './mutations.ts'

const mutation = (rule: string, name: string, sql: string): Mutation => ({ rule, name, sql })

export const shardMutations: readonly Mutation[] = [
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
  mutation('T03', 'a child table', 'create table app.old_bookings () inherits (public.bookings)'),
  mutation(
    'F01',
    'a foreign key without the agency',
    'create unique index x on public.properties (id); alter table public.holds add constraint plain foreign key (property_id) references public.properties (id)',
  ),
  mutation(
    'F03',
    'a foreign key that sets the agency to null',
    'alter table public.bookings drop constraint bookings_guest_fkey, add constraint bookings_guest_fkey foreign key (agency_id, guest_id) references public.guests (agency_id, id) on delete set null',
  ),
  mutation(
    'F05',
    'a foreign key to a user',
    'alter table public.holds add constraint holds_user_fkey foreign key (created_by) references public.users (id)',
  ),
  mutation('U01', 'a unique constraint without the agency', 'alter table public.guests add unique (phone)'),
  mutation('U01', 'a unique index without it', 'create unique index x on public.bookings (reference)'),
  mutation(
    'U01',
    'a partial unique index without it',
    'create unique index x on public.guests (email) where anonymised_at is null',
  ),
  mutation(
    'U01',
    'a unique index with the agency in second place',
    'create unique index x on public.holds (id, agency_id)',
  ),
  mutation(
    'U01',
    'a unique index on an expression',
    'create unique index x on public.guests (lower(last_name), agency_id)',
  ),
  mutation(
    'U01',
    'an exclusion constraint without it',
    'alter table public.occupancies add constraint wide exclude using gist (property_id with =, during with &&)',
  ),
  mutation('G01', 'a rewrite rule', 'create rule double as on insert to public.audit_log do also notify audited'),
  mutation('S01', 'a table of the service that is in no list', 'create table app.counters (name text primary key)'),
  mutation('S02', 'a table without a primary key', 'alter table public.audit_seals drop constraint audit_seals_pkey'),
  mutation(
    'S02',
    'a unique key instead of the primary one',
    'alter table public.audit_log drop constraint audit_log_pkey, add constraint audit_log_key unique (agency_id, id)',
  ),
  mutation(
    'S03',
    'an agency of another type',
    'create table public.notes (agency_id text not null, id uuid, primary key (agency_id, id)); grant select on public.notes to roost_tenant',
  ),
  mutation(
    'S04',
    'an exclusion constraint with another operator for the agency',
    'alter table public.occupancies add constraint others exclude using gist (agency_id with <>, during with &&)',
  ),
  mutation(
    'S05',
    'a foreign key with the agency in second place',
    'create unique index x on public.properties (id, agency_id); alter table public.holds add constraint turned foreign key (property_id, agency_id) references public.properties (id, agency_id)',
  ),
  mutation(
    'S06',
    'a foreign key from an agency table to a table on one node',
    'alter table public.bookings add column session_id uuid references public.sessions (id)',
  ),
  mutation(
    'S06',
    'a foreign key from users to an agency table',
    'alter table public.users add column agency_id uuid, add column home_id uuid, add foreign key (agency_id, home_id) references public.properties (agency_id, id)',
  ),
  mutation('S07', 'a serial', 'alter table public.guests add column number serial'),
  mutation('S07', 'an identity', 'alter table public.guests add column number bigint generated always as identity'),
  mutation(
    'S08',
    'a default that depends on one server',
    'alter table public.bookings add column written xid8 default pg_current_xact_id()',
  ),
  mutation(
    'S09',
    'a statement trigger',
    'create trigger touched after update on public.guests for each statement execute function app.touch()',
  ),
  mutation(
    'S09',
    'a trigger with transition tables',
    'create trigger seen after update on public.guests referencing new table as rows for each row execute function app.touch()',
  ),
  mutation(
    'S10',
    'a function that reads across agencies',
    "create function app.busy() returns bigint language sql set search_path = '' as 'select count(*) from public.bookings'",
  ),
  mutation(
    'S10',
    'a function with a parsed body',
    'create function app.busy() returns bigint language sql return (select count(*) from public.bookings)',
  ),
  mutation(
    'S12',
    'a valid table that the statement audit does not know',
    'create table public.notes (agency_id uuid, id uuid, primary key (agency_id, id)); grant select on public.notes to roost_tenant',
  ),
]

/** The same mutations for every sharded table, new ones included. */
export function shardMutationsOf(table: string): Mutation[] {
  return [
    mutation(
      'U01',
      `${table}: a unique key without the agency`,
      `alter table public.${table} add column x uuid, add unique (x)`,
    ),
    mutation('S02', `${table}: no primary key`, `alter table public.${table} drop constraint ${table}_pkey cascade`),
    mutation('S07', `${table}: a serial`, `alter table public.${table} add column x bigserial`),
    mutation(
      'S06',
      `${table}: references a table on one node`,
      `alter table public.${table} add column x text references app.heartbeats (name)`,
    ),
  ]
}
