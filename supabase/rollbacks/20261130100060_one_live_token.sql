-- Which token is live is not kept up to date from here on.
set local role roost_auth;
update public.sessions set live_hash = null where live_hash is not null;
reset role;
drop trigger announce on sessions;
drop trigger announce on users;
create trigger announce after update on users for each row
  when ((old.is_active, old.token_generation, old.email, old.full_name, old.auth_subject)
    is distinct from (new.is_active, new.token_generation, new.email, new.full_name, new.auth_subject))
  execute function app.announce_person();

drop function app.audit_session_reuse(uuid, uuid, uuid, text);
drop function app.sessions_of(uuid);
drop function app.memberships_of(uuid, text);

create or replace function app.start_session(new_id uuid, person uuid, first_hash bytea, ends_at timestamptz, agent text)
returns void language sql security definer set search_path = '' as $$
  insert into public.sessions (id, user_id, user_agent, expires_at)
  values (new_id, person, pg_catalog.left(agent, 300), ends_at);
  insert into public.refresh_tokens (token_hash, session_id) values (first_hash, new_id);
$$;

create or replace function app.rotate_refresh_token(given bytea, next_hash bytea)
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

create function app.sessions_of(person uuid)
returns table (id uuid, user_agent text, created_at timestamptz, used_at timestamptz, expires_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select s.id, s.user_agent, s.created_at, s.used_at, s.expires_at from public.sessions s
  where s.user_id = person and s.ended_at is null and s.expires_at > pg_catalog.now() order by s.used_at desc
$$;

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
alter function app.sessions_of(uuid) owner to roost_auth;
alter function app.memberships_of(uuid, text) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.sessions_of(uuid), app.memberships_of(uuid, text) from public;
grant execute on function app.sessions_of(uuid), app.memberships_of(uuid, text) to roost_system;
