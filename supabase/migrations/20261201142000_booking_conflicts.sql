-- What a channel says about a stay and Roost could not apply, until it is resolved. A row takes no nights.
create table booking_conflicts (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  kind text not null constraint booking_conflicts_kind_check check (kind in ('overlap', 'changed_here', 'deleted_here')),
  property_id uuid not null,
  source text not null
    constraint booking_conflicts_source_check check (source in ('direct', 'airbnb', 'booking_com', 'expedia', 'fewo_direkt', 'google', 'manual', 'other')),
  external_code text not null constraint booking_conflicts_code_check check (length(external_code) between 1 and 200),
  check_in date not null,
  check_out date not null,
  facts jsonb not null constraint booking_conflicts_facts_check check (jsonb_typeof(facts) = 'object'),
  guest_id uuid,
  booking_id uuid,
  other_kind text constraint booking_conflicts_other_kind_check check (other_kind in ('booking', 'block', 'hold', 'channel')),
  other_booking_id uuid,
  other_check_in date,
  other_check_out date,
  resolved_at timestamptz,
  resolution text constraint booking_conflicts_resolution_check check (resolution in ('applied', 'withdrawn')),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint booking_conflicts_pkey primary key (agency_id, id),
  constraint booking_conflicts_property_fkey foreign key (agency_id, property_id) references properties (agency_id, id),
  constraint booking_conflicts_guest_fkey foreign key (agency_id, guest_id) references guests (agency_id, id) on delete set null (guest_id),
  constraint booking_conflicts_booking_fkey foreign key (agency_id, booking_id) references bookings (agency_id, id),
  constraint booking_conflicts_other_fkey foreign key (agency_id, other_booking_id) references bookings (agency_id, id),
  constraint booking_conflicts_stay_check check (check_out > check_in),
  constraint booking_conflicts_resolved_check check ((resolved_at is null) = (resolution is null)));
comment on column booking_conflicts.booking_id is 'The booking of the channel itself, when Roost has it. Null: the stay is not a booking yet.';
comment on column booking_conflicts.other_booking_id is 'The booking that has the nights.';
comment on column booking_conflicts.resolution is 'applied: what the channel says is in the calendar now. withdrawn: the channel no longer says it.';
create unique index booking_conflicts_open_key on booking_conflicts (agency_id, source, external_code) where resolved_at is null;
create index booking_conflicts_created_idx on booking_conflicts (agency_id, created_at desc, id desc);
create index booking_conflicts_property_idx on booking_conflicts (agency_id, property_id, created_at desc, id desc);
create index booking_conflicts_guest_idx on booking_conflicts (agency_id, guest_id) where guest_id is not null;
create index booking_conflicts_booking_idx on booking_conflicts (agency_id, booking_id) where booking_id is not null;
create index booking_conflicts_other_idx on booking_conflicts (agency_id, other_booking_id) where other_booking_id is not null;
select app.protect('booking_conflicts');
grant select, insert, update on booking_conflicts to roost_tenant;
create policy owner_scope on booking_conflicts as restrictive for select to roost_tenant
  using ((select app.has_role('admin', 'manager', 'staff'))
    or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
create policy operator_insert on booking_conflicts as restrictive for insert to roost_tenant
  with check ((select app.has_role('operator')));
create policy operator_update on booking_conflicts as restrictive for update to roost_tenant
  using ((select app.has_role('operator')));
create trigger touch before update on booking_conflicts for each row execute function app.touch();
