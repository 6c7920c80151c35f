-- Nights that nobody sells (blocks) or that are kept for somebody for some minutes (holds): both in the one ledger.
alter table agencies
  add column hold_minutes smallint not null default 15
    constraint agencies_hold_minutes_check check (hold_minutes between 1 and 1440),
  add column holds_per_user smallint not null default 5
    constraint agencies_holds_per_user_check check (holds_per_user between 1 and 100);

create table blocks (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  property_id uuid not null,
  start_date date not null,
  end_date date not null,
  reason text not null constraint blocks_reason_check check (reason in ('maintenance', 'owner_use', 'other')),
  notes text constraint blocks_notes_check check (length(notes) <= 1000),
  created_by uuid,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint blocks_pkey primary key (agency_id, id),
  constraint blocks_property_fkey foreign key (agency_id, property_id) references properties (agency_id, id),
  constraint blocks_creator_fkey foreign key (agency_id, created_by) references team_members (agency_id, user_id),
  constraint blocks_dates_check check (end_date > start_date and end_date - start_date <= 1500),
  constraint blocks_years_check check (start_date >= '2000-01-01' and end_date <= '2100-12-31'));
create index blocks_start_idx on blocks (agency_id, start_date, id);
create index blocks_property_idx on blocks (agency_id, property_id, start_date, id);
create index blocks_creator_idx on blocks (agency_id, created_by) where created_by is not null;
select app.protect('blocks');
grant select, insert, update, delete on blocks to authenticated;
create policy owner_scope on blocks as restrictive for all to authenticated
  using ((select app.is_staff())
    or ((select app.app_role()) = 'owner' and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))))
  with check ((select app.has_role('admin', 'manager'))
    or ((select app.app_role()) = 'owner' and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
create policy write_update on blocks as restrictive for update to authenticated
  using ((select app.has_role('admin', 'manager', 'owner')));
create policy write_delete on blocks as restrictive for delete to authenticated
  using ((select app.has_role('admin', 'manager', 'owner')));
create trigger touch before update on blocks for each row execute function app.touch();

create table holds (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  property_id uuid not null,
  check_in date not null,
  check_out date not null,
  notes text constraint holds_notes_check check (length(notes) <= 1000),
  created_by uuid,
  expires_at timestamptz not null,
  released_at timestamptz,
  booking_id uuid,
  created_at timestamptz not null default now(),
  constraint holds_pkey primary key (agency_id, id),
  constraint holds_property_fkey foreign key (agency_id, property_id) references properties (agency_id, id),
  constraint holds_creator_fkey foreign key (agency_id, created_by) references team_members (agency_id, user_id),
  constraint holds_booking_fkey foreign key (agency_id, booking_id) references bookings (agency_id, id),
  constraint holds_stay_check check (check_out > check_in and check_out - check_in <= 366),
  constraint holds_years_check check (check_in >= '2000-01-01' and check_out <= '2100-12-31'),
  constraint holds_end_check check (released_at is null or booking_id is null));
comment on column holds.booking_id is 'The booking the hold became.';
create index holds_created_idx on holds (agency_id, created_at desc, id desc);
create index holds_property_idx on holds (agency_id, property_id);
create index holds_creator_idx on holds (agency_id, created_by, expires_at);
create index holds_booking_idx on holds (agency_id, booking_id) where booking_id is not null;
select app.protect('holds');
grant select, insert, update on holds to authenticated;
create policy staff_only on holds as restrictive for all to authenticated
  using ((select app.has_role('admin', 'manager', 'staff')))
  with check ((select app.has_role('admin', 'manager', 'staff')));

alter table occupancies add column block_id uuid, add column hold_id uuid, add column expires_at timestamptz;
alter table occupancies
  add constraint occupancies_block_key unique (agency_id, block_id),
  add constraint occupancies_hold_key unique (agency_id, hold_id),
  add constraint occupancies_block_fkey foreign key (agency_id, block_id) references blocks (agency_id, id) not valid,
  add constraint occupancies_hold_fkey foreign key (agency_id, hold_id) references holds (agency_id, id) not valid,
  add constraint occupancies_kind_block_check check ((kind = 'block') = (block_id is not null)) not valid,
  add constraint occupancies_kind_hold_check
    check ((kind = 'hold') = (hold_id is not null) and (kind = 'hold') = (expires_at is not null)) not valid;
comment on column occupancies.expires_at is 'Only for holds: from then on the row takes nothing, whether or not it is still there.';

-- Owners block nights of their own homes; staff hold nights and let them go. Whoever needs the nights of a hold that
-- has expired may remove it.
alter policy write_insert on occupancies
  with check ((select app.has_role('admin', 'manager', 'staff'))
    or (kind = 'block' and (select app.app_role()) = 'owner'
      and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
alter policy write_update on occupancies
  using ((select app.has_role('admin', 'manager'))
    or (kind = 'block' and (select app.app_role()) = 'owner'
      and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));
alter policy write_delete on occupancies
  using ((select app.has_role('admin', 'manager'))
    or (kind = 'hold' and (expires_at <= now() or (select app.has_role('staff'))))
    or (kind = 'block' and (select app.app_role()) = 'owner'
      and property_id in (select p.id from properties p where p.owner_id = (select app.user_id()))));

-- The expiry job sees and deletes what has expired, in every agency, and nothing else.
grant select, delete on occupancies to roost_system;
create policy purge_select on occupancies for select to roost_system using (expires_at < now());
create policy purge_delete on occupancies for delete to roost_system using (expires_at < now());
