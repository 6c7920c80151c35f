-- Filters of a list that a person saved under a name, for themselves, in one agency.
create table saved_views (
  agency_id uuid not null references agencies (id),
  user_id uuid not null,
  id uuid not null,
  list text not null constraint saved_views_list_check check (list in ('bookings', 'guests', 'properties', 'blocks')),
  name text not null constraint saved_views_name_check check (length(name) between 1 and 60),
  filters jsonb not null constraint saved_views_filters_check check (jsonb_typeof(filters) = 'object'),
  version int not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint saved_views_pkey primary key (agency_id, id),
  constraint saved_views_name_key unique (agency_id, user_id, list, name),
  constraint saved_views_person_fkey foreign key (agency_id, user_id) references actors (agency_id, id));
comment on column saved_views.list is 'the list that has the filters';
comment on column saved_views.filters is 'the filters by name (JSON)';
select app.protect('saved_views');
grant select, insert, update, delete on saved_views to roost_tenant;
create policy own_views on saved_views as restrictive to roost_tenant
  using ((select app.has_role('admin', 'manager', 'staff', 'owner', 'accountant')) and user_id = (select app.actor_id()))
  with check ((select app.has_role('admin', 'manager', 'staff', 'owner', 'accountant')) and user_id = (select app.actor_id()));
create trigger touch before update on saved_views for each row execute function app.touch();
create trigger version before update on saved_views for each row execute function app.next_version();

-- Accountants changed nothing so far, so they had no idempotency keys.
alter policy own_keys on idempotency_keys
  using ((select app.has_role('admin', 'manager', 'staff', 'owner', 'accountant')) and actor_id = (select app.actor_id()))
  with check ((select app.has_role('admin', 'manager', 'staff', 'owner', 'accountant')) and actor_id = (select app.actor_id()));
