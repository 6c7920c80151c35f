-- Staying signed in: a session per sign-in, its refresh tokens as hashes, and a generation that ends all tokens at once.
alter table users add column token_generation integer not null default 0;
comment on column users.token_generation is 'Tokens of ours carry it; raising it ends every one issued before.';

create table sessions (
  id uuid not null,
  user_id uuid not null references users (id),
  user_agent text constraint sessions_user_agent_check check (length(user_agent) <= 300),
  created_at timestamptz not null default now(),
  used_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_by text constraint sessions_ended_by_check check (ended_by in ('sign_out', 'sign_out_everywhere', 'password', 'reuse')),
  constraint sessions_pkey primary key (id),
  constraint sessions_end_check check ((ended_at is null) = (ended_by is null)));
create index sessions_user_idx on sessions (user_id);
create index sessions_expires_idx on sessions (expires_at);

create table refresh_tokens (
  token_hash bytea not null constraint refresh_tokens_token_hash_check check (length(token_hash) = 32),
  session_id uuid not null references sessions (id) on delete cascade,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  constraint refresh_tokens_pkey primary key (token_hash));
create index refresh_tokens_session_idx on refresh_tokens (session_id);

alter table sessions enable row level security;
alter table sessions force row level security;
alter table refresh_tokens enable row level security;
alter table refresh_tokens force row level security;
revoke all on sessions, refresh_tokens from public, authenticated;
grant select, insert, update on sessions, refresh_tokens to roost_auth;
create policy sign_in on sessions for all to roost_auth using (true) with check (true);
create policy sign_in on refresh_tokens for all to roost_auth using (true) with check (true);

create function app.start_session(new_id uuid, person uuid, first_hash bytea, ends_at timestamptz, agent text)
returns void language sql security definer set search_path = '' as $$
  insert into public.sessions (id, user_id, user_agent, expires_at)
  values (new_id, person, pg_catalog.left(agent, 300), ends_at);
  insert into public.refresh_tokens (token_hash, session_id) values (first_hash, new_id);
$$;

-- One token in, the next one out. A token that was used before is a copy in somebody's hands: the session ends. The
-- first ten seconds are forgiven, since the answer to an honest client can get lost.
create function app.rotate_refresh_token(given bytea, next_hash bytea)
returns table (outcome text, user_id uuid, session_id uuid, expires_at timestamptz, token_generation integer)
language plpgsql security definer set search_path = '' as $$
declare
  found_session uuid;
  was_used timestamptz;
  live record;
begin
  select t.session_id into found_session from public.refresh_tokens t where t.token_hash = given;
  if found_session is null then
    return query select 'unknown', null::uuid, null::uuid, null::timestamptz, null::integer;
    return;
  end if;
  select s.id, s.user_id, s.expires_at, s.ended_at, u.is_active, u.token_generation into live
  from public.sessions s join public.users u on u.id = s.user_id where s.id = found_session for update of s;
  select t.used_at into was_used from public.refresh_tokens t where t.token_hash = given;
  if live.ended_at is not null or live.expires_at <= pg_catalog.now() or not live.is_active then
    return query select 'ended', live.user_id, live.id, live.expires_at, live.token_generation;
    return;
  end if;
  if was_used < pg_catalog.clock_timestamp() - interval '10 seconds' then
    update public.sessions s set ended_at = pg_catalog.now(), ended_by = 'reuse' where s.id = live.id;
    return query select 'reused', live.user_id, live.id, live.expires_at, live.token_generation;
    return;
  end if;
  update public.refresh_tokens t set used_at = coalesce(t.used_at, pg_catalog.clock_timestamp()) where t.token_hash = given;
  update public.sessions s set used_at = pg_catalog.now() where s.id = live.id;
  insert into public.refresh_tokens (token_hash, session_id) values (next_hash, live.id);
  return query select 'rotated', live.user_id, live.id, live.expires_at, live.token_generation;
end
$$;

create function app.end_session(given bytea) returns uuid language sql security definer set search_path = '' as $$
  update public.sessions s set ended_at = pg_catalog.now(), ended_by = 'sign_out'
  from public.refresh_tokens t where t.token_hash = given and s.id = t.session_id and s.ended_at is null
  returning s.user_id
$$;

-- Ends every session and every token of a person. The generation after it, for the tokens issued from now on.
create function app.end_all_sessions(person uuid, reason text) returns integer
language sql security definer set search_path = '' as $$
  update public.sessions s set ended_at = pg_catalog.now(), ended_by = reason where s.user_id = person and s.ended_at is null;
  update public.users u set token_generation = u.token_generation + 1 where u.id = person returning u.token_generation;
$$;

create function app.set_password(person uuid, new_password_hash text) returns void
language sql security definer set search_path = '' as $$
  update public.users u set password_hash = new_password_hash where u.id = person
$$;

create function app.sessions_of(person uuid)
returns table (id uuid, user_agent text, created_at timestamptz, used_at timestamptz, expires_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select s.id, s.user_agent, s.created_at, s.used_at, s.expires_at from public.sessions s
  where s.user_id = person and s.ended_at is null and s.expires_at > pg_catalog.now() order by s.used_at desc
$$;

-- What a token needs beside the person: the generation of tokens that counts.
create function app.token_generation_of(person uuid) returns integer
language sql stable security definer set search_path = '' as $$
  select u.token_generation from public.users u where u.id = person
$$;

-- The job that forgets sessions 30 days after their end.
create function app.purge_sessions(batch integer) returns bigint language sql security definer set search_path = '' as $$
  with gone as (
    delete from public.sessions where id in (
      select s.id from public.sessions s
      where least(s.expires_at, s.ended_at) < pg_catalog.now() - interval '30 days' limit batch)
    returning 1)
  select pg_catalog.count(*) from gone
$$;
grant delete on sessions, refresh_tokens to roost_auth;

-- Every API process remembers who is what; it is told when that changes.
create function app.announce_person() returns trigger language plpgsql set search_path = '' as $$
begin
  if tg_table_name = 'users' then
    perform pg_catalog.pg_notify('roost_people', new.id::text);
  else
    perform pg_catalog.pg_notify('roost_people', new.user_id::text);
  end if;
  return null;
end
$$;
create trigger announce after insert or update on team_members for each row execute function app.announce_person();
create trigger announce after update on users for each row
  when ((old.is_active, old.token_generation, old.email, old.full_name, old.auth_subject)
    is distinct from (new.is_active, new.token_generation, new.email, new.full_name, new.auth_subject))
  execute function app.announce_person();

-- A token of ours counts only while it carries the person's generation: whoever looks a person up needs it.
drop function app.memberships_of(uuid, text);
create function app.memberships_of(own_id uuid, subject text)
returns table (user_id uuid, email text, full_name text, agency_id uuid, agency_name text, agency_slug text, role text,
  token_generation integer)
language sql stable security definer set search_path = '' as $$
  with person as (
    select u.id, u.email, u.full_name, u.token_generation from public.users u
    where u.is_active and (u.id = own_id or u.auth_subject = subject)
    order by (u.id = own_id) is true desc limit 1)
  select p.id, p.email, p.full_name, m.agency_id, a.name, a.slug, m.role, p.token_generation
  from person p
  left join (public.team_members m join public.agencies a on a.id = m.agency_id and a.deleted_at is null)
    on m.user_id = p.id and m.is_active
  order by a.name, m.agency_id
$$;

grant create on schema app to roost_auth;
alter function app.memberships_of(uuid, text) owner to roost_auth;
alter function app.start_session(uuid, uuid, bytea, timestamptz, text) owner to roost_auth;
alter function app.rotate_refresh_token(bytea, bytea) owner to roost_auth;
alter function app.end_session(bytea) owner to roost_auth;
alter function app.end_all_sessions(uuid, text) owner to roost_auth;
alter function app.set_password(uuid, text) owner to roost_auth;
alter function app.sessions_of(uuid) owner to roost_auth;
alter function app.token_generation_of(uuid) owner to roost_auth;
alter function app.purge_sessions(integer) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.start_session(uuid, uuid, bytea, timestamptz, text), app.rotate_refresh_token(bytea, bytea),
  app.end_session(bytea), app.end_all_sessions(uuid, text), app.set_password(uuid, text), app.sessions_of(uuid),
  app.token_generation_of(uuid), app.purge_sessions(integer), app.memberships_of(uuid, text), app.announce_person() from public;
grant execute on function app.start_session(uuid, uuid, bytea, timestamptz, text), app.rotate_refresh_token(bytea, bytea),
  app.end_session(bytea), app.end_all_sessions(uuid, text), app.set_password(uuid, text), app.sessions_of(uuid),
  app.token_generation_of(uuid), app.purge_sessions(integer), app.memberships_of(uuid, text) to roost_system;
