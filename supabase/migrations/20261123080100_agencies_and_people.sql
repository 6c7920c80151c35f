-- Agencies, the people who sign in, and who is what in which agency.
create table agencies (
  id uuid not null,
  name text not null constraint agencies_name_check check (length(name) between 1 and 200),
  slug text not null constraint agencies_slug_check check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  time_zone text not null default 'Europe/Berlin',
  currency char(3) not null default 'EUR' constraint agencies_currency_check check (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint agencies_pkey primary key (id),
  constraint agencies_slug_key unique (slug));
select app.protect('agencies', 'id');
grant select, insert, update on agencies to authenticated;
create policy members_read on agencies as restrictive for select to authenticated using ((select app.is_member()));
create policy write_insert on agencies as restrictive for insert to authenticated with check ((select app.has_role('admin')));
create policy write_update on agencies as restrictive for update to authenticated using ((select app.has_role('admin')));
create trigger touch before update on agencies for each row execute function app.touch();

-- People are not owned by an agency: one person may work for several. An agency sees only its own members, and
-- nobody but the sign-in function ever sees a password hash.
create table users (
  id uuid not null,
  email text not null constraint users_email_check check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
  full_name text not null constraint users_full_name_check check (length(full_name) between 1 and 200),
  password_hash text,
  auth_subject text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint users_pkey primary key (id),
  constraint users_email_key unique (email),
  constraint users_auth_subject_key unique (auth_subject));
comment on column users.auth_subject is 'The `sub` an outside identity provider gives this person.';
create trigger touch before update on users for each row execute function app.touch();

create table team_members (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  user_id uuid not null references users (id),
  role text not null constraint team_members_role_check check (role in ('admin', 'manager', 'staff', 'owner', 'accountant')),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint team_members_pkey primary key (agency_id, id),
  constraint team_members_user_key unique (agency_id, user_id));
create index team_members_user_idx on team_members (user_id);
select app.protect('team_members');
grant select, insert, update on team_members to authenticated;
create policy write_insert on team_members as restrictive for insert to authenticated with check ((select app.has_role('admin')));
create policy write_update on team_members as restrictive for update to authenticated using ((select app.has_role('admin')));
create policy own_row on team_members as restrictive for select to authenticated
  using ((select app.is_staff()) or ((select app.is_member()) and user_id = (select app.user_id())));
create trigger touch before update on team_members for each row execute function app.touch();

alter table users enable row level security;
alter table users force row level security;
revoke all on users from public, authenticated;
grant select (id, email, full_name, is_active, created_at, updated_at) on users to authenticated;
create policy members on users for select to authenticated
  using (id in (select m.user_id from team_members m where m.agency_id = (select app.agency_id())));

-- What must be known before an agency is: the functions below, owned by roost_auth, are the whole list.
grant select on agencies, team_members to roost_auth;
grant select, insert, update on users to roost_auth;
create policy sign_in on agencies for select to roost_auth using (true);
create policy sign_in on team_members for select to roost_auth using (true);
create policy sign_in on users for all to roost_auth using (true) with check (true);

create function app.sign_in_user(wanted_email text)
returns table (id uuid, email text, full_name text, password_hash text)
language sql stable security definer set search_path = '' as $$
  select u.id, u.email, u.full_name, u.password_hash
  from public.users u where u.email = pg_catalog.lower(wanted_email) and u.is_active
$$;

-- Memberships of the person a verified token names: by our own id when the token is our own, else by the subject the
-- identity provider gives. An outside subject never counts as one of our ids.
create function app.memberships_of(own_id uuid, subject text)
returns table (user_id uuid, email text, full_name text, agency_id uuid, agency_name text, agency_slug text, role text)
language sql stable security definer set search_path = '' as $$
  with person as (
    select u.id, u.email, u.full_name from public.users u
    where u.is_active and (u.id = own_id or u.auth_subject = subject)
    order by (u.id = own_id) is true desc limit 1)
  select p.id, p.email, p.full_name, m.agency_id, a.name, a.slug, m.role
  from person p
  left join (public.team_members m join public.agencies a on a.id = m.agency_id and a.deleted_at is null)
    on m.user_id = p.id and m.is_active
  order by a.name, m.agency_id
$$;

create function app.find_agency(wanted_slug text) returns table (id uuid, name text, slug text, currency text)
language sql stable security definer set search_path = '' as $$
  select a.id, a.name, a.slug, a.currency::text from public.agencies a where a.slug = wanted_slug and a.deleted_at is null
$$;

-- The person with this e-mail, made when there is none. A password or subject already set is never replaced.
create function app.ensure_user(new_id uuid, new_email text, new_name text, new_password_hash text, new_subject text)
returns uuid language sql security definer set search_path = '' as $$
  insert into public.users as u (id, email, full_name, password_hash, auth_subject)
  values (new_id, pg_catalog.lower(new_email), new_name, new_password_hash, new_subject)
  on conflict (email) do update set
    password_hash = coalesce(u.password_hash, excluded.password_hash),
    auth_subject = coalesce(u.auth_subject, excluded.auth_subject)
  returning u.id
$$;

create function app.count_agencies() returns bigint language sql stable security definer set search_path = '' as $$
  select pg_catalog.count(*) from public.agencies
$$;

grant create on schema app to roost_auth;
alter function app.sign_in_user(text) owner to roost_auth;
alter function app.memberships_of(uuid, text) owner to roost_auth;
alter function app.find_agency(text) owner to roost_auth;
alter function app.ensure_user(uuid, text, text, text, text) owner to roost_auth;
alter function app.count_agencies() owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.sign_in_user(text), app.memberships_of(uuid, text), app.find_agency(text),
  app.ensure_user(uuid, text, text, text, text), app.count_agencies() from public;
grant execute on function app.sign_in_user(text), app.memberships_of(uuid, text), app.find_agency(text),
  app.ensure_user(uuid, text, text, text, text), app.count_agencies() to roost_system;
