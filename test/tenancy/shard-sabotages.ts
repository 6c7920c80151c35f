// Ways to make the schema one that cannot be sharded by agency: each is named by the rule of `verify shardable` it breaks.
import type { Sabotage } from './sabotages.ts'

const sabotage = (rule: string, name: string, sql: string): Sabotage => ({ rule, name, sql })

export const shardSabotages: readonly Sabotage[] = [
  sabotage('T01', 'a table without an agency', 'create table public.notes (id uuid primary key, text text)'),
  sabotage(
    'T02',
    'the agency may be null',
    'alter table public.audit_log drop constraint audit_log_pkey; alter table public.audit_log alter column agency_id drop not null',
  ),
  sabotage('T03', 'a child table', 'create table app.old_bookings () inherits (public.bookings)'),
  sabotage(
    'F01',
    'a foreign key without the agency',
    'create unique index x on public.properties (id); alter table public.holds add constraint plain foreign key (property_id) references public.properties (id)',
  ),
  sabotage(
    'F03',
    'a foreign key that sets the agency to null',
    'alter table public.bookings drop constraint bookings_guest_fkey, add constraint bookings_guest_fkey foreign key (agency_id, guest_id) references public.guests (agency_id, id) on delete set null',
  ),
  sabotage('U01', 'a unique constraint without the agency', 'alter table public.guests add unique (phone)'),
  sabotage('U01', 'a unique index without it', 'create unique index x on public.bookings (reference)'),
  sabotage(
    'U01',
    'a partial unique index without it',
    'create unique index x on public.guests (email) where anonymised_at is null',
  ),
  sabotage(
    'U01',
    'a unique index with the agency in second place',
    'create unique index x on public.holds (id, agency_id)',
  ),
  sabotage(
    'U01',
    'a unique index on an expression',
    'create unique index x on public.guests (lower(last_name), agency_id)',
  ),
  sabotage(
    'U01',
    'an exclusion constraint without it',
    'alter table public.occupancies add constraint wide exclude using gist (property_id with =, during with &&)',
  ),
  sabotage('G01', 'a rewrite rule', 'create rule double as on insert to public.audit_log do also notify audited'),
  sabotage(
    'S01',
    'a table of the service itself that nobody has placed',
    'create table app.counters (name text primary key)',
  ),
  sabotage('S02', 'a table without a primary key', 'alter table public.audit_seals drop constraint audit_seals_pkey'),
  sabotage(
    'S02',
    'a unique key instead of the primary one',
    'alter table public.audit_log drop constraint audit_log_pkey, add constraint audit_log_key unique (agency_id, id)',
  ),
  sabotage(
    'S03',
    'an agency of another type',
    'create table public.notes (agency_id text not null, id uuid, primary key (agency_id, id))',
  ),
  sabotage(
    'S04',
    'an exclusion constraint that compares agencies otherwise',
    'alter table public.occupancies add constraint others exclude using gist (agency_id with <>, during with &&)',
  ),
  sabotage(
    'S05',
    'a foreign key with the agency in second place',
    'create unique index x on public.properties (id, agency_id); alter table public.holds add constraint turned foreign key (property_id, agency_id) references public.properties (id, agency_id)',
  ),
  sabotage(
    'S06',
    'a row of an agency that refers to what is on one node',
    'alter table public.bookings add column session_id uuid references public.sessions (id)',
  ),
  sabotage(
    'S06',
    'a person who refers to a row of an agency',
    'alter table public.users add column agency_id uuid, add column home_id uuid, add foreign key (agency_id, home_id) references public.properties (agency_id, id)',
  ),
  sabotage('S07', 'a serial', 'alter table public.guests add column number serial'),
  sabotage('S07', 'an identity', 'alter table public.guests add column number bigint generated always as identity'),
  sabotage(
    'S08',
    'a default of one server',
    'alter table public.bookings add column written xid8 default pg_current_xact_id()',
  ),
  sabotage(
    'S09',
    'a trigger for the statement',
    'create trigger touched after update on public.guests for each statement execute function app.touch()',
  ),
  sabotage(
    'S09',
    'a trigger that sees all rows',
    'create trigger seen after update on public.guests referencing new table as rows for each row execute function app.touch()',
  ),
  sabotage(
    'S10',
    'a function that looks across agencies',
    "create function app.busy() returns bigint language sql set search_path = '' as 'select count(*) from public.bookings'",
  ),
  sabotage(
    'S10',
    'one that was parsed when it was made',
    'create function app.busy() returns bigint language sql return (select count(*) from public.bookings)',
  ),
  sabotage(
    'S12',
    'a good table the statements were not read with',
    'create table public.notes (agency_id uuid, id uuid, primary key (agency_id, id))',
  ),
]

/** The same mistakes on every sharded table there is: new tables come under them by themselves. */
export function shardSabotagesOf(table: string): Sabotage[] {
  return [
    sabotage(
      'U01',
      `${table}: a unique key of all agencies`,
      `alter table public.${table} add column x uuid, add unique (x)`,
    ),
    sabotage('S02', `${table}: no primary key`, `alter table public.${table} drop constraint ${table}_pkey cascade`),
    sabotage('S07', `${table}: a serial`, `alter table public.${table} add column x bigserial`),
    sabotage(
      'S06',
      `${table}: refers to one node`,
      `alter table public.${table} add column x text references app.heartbeats (name)`,
    ),
  ]
}
