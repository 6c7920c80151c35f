-- A session has one live refresh token. Its successor is derived from it, so a repeat within ten seconds answers the same
-- one. An ended session ends its access tokens too, and a detected reuse is told to the person and to their agencies.
create or replace function app.start_session(new_id uuid, person uuid, first_hash bytea, ends_at timestamptz, agent text)
returns void language sql security definer set search_path = '' as $$
  insert into public.sessions (id, user_id, user_agent, expires_at, live_hash)
  values (new_id, person, pg_catalog.left(agent, 300), ends_at, first_hash);
  insert into public.refresh_tokens (token_hash, session_id) values (first_hash, new_id);
$$;

create or replace function app.rotate_refresh_token(given bytea, next_hash bytea)
returns table (outcome text, user_id uuid, session_id uuid, expires_at timestamptz, token_generation integer)
language plpgsql security definer set search_path = '' as $$
declare
  found_session uuid;
  was_used timestamptz;
  is_recent boolean;
  live record;
begin
  select t.session_id into found_session from public.refresh_tokens t where t.token_hash = given;
  if found_session is null then
    return query select 'unknown', null::uuid, null::uuid, null::timestamptz, null::integer;
    return;
  end if;
  select s.id, s.user_id, s.expires_at, s.ended_at, s.live_hash, u.is_active, u.token_generation into live
  from public.sessions s join public.users u on u.id = s.user_id where s.id = found_session for update of s;
  select t.used_at into was_used from public.refresh_tokens t where t.token_hash = given;
  is_recent := coalesce(was_used >= pg_catalog.clock_timestamp() - interval '10 seconds', true);
  if live.ended_at is not null or live.expires_at <= pg_catalog.now() or not live.is_active then
    return query select 'ended', live.user_id, live.id, live.expires_at, live.token_generation;
  elsif live.live_hash = next_hash and is_recent then
    -- The answer was lost, or the client asked twice at once: the same successor again.
    return query select 'rotated', live.user_id, live.id, live.expires_at, live.token_generation;
  elsif live.live_hash = given or (live.live_hash is null and is_recent) then
    update public.refresh_tokens t set used_at = pg_catalog.clock_timestamp() where t.token_hash = given;
    update public.sessions s set used_at = pg_catalog.now(), live_hash = next_hash where s.id = live.id;
    insert into public.refresh_tokens (token_hash, session_id) values (next_hash, live.id);
    return query select 'rotated', live.user_id, live.id, live.expires_at, live.token_generation;
  else
    update public.sessions s set ended_at = pg_catalog.now(), ended_by = 'reuse' where s.id = live.id;
    return query select 'reused', live.user_id, live.id, live.expires_at, live.token_generation;
  end if;
end
$$;

-- An entry in the log of an agency the person works for; the caller asks it for each of them.
create function app.audit_session_reuse(reused_session uuid, in_agency uuid, audit_id uuid, request text) returns void
language sql security definer set search_path = '' as $$
  insert into public.audit_log (agency_id, id, request_id, actor_id, actor_role, action, entity_type, entity_id, after)
  select m.agency_id, audit_id, request, m.user_id, m.role, 'session.reuse_detected', 'session', s.id,
    pg_catalog.jsonb_build_object('ended_by', s.ended_by)
  from public.sessions s join public.team_members m on m.user_id = s.user_id and m.agency_id = in_agency and m.is_active
  where s.id = reused_session and s.ended_by = 'reuse'
$$;

-- Live sessions, and for 30 days those that a reuse of a refresh token ended.
drop function app.sessions_of(uuid);
create function app.sessions_of(person uuid)
returns table (id uuid, user_agent text, created_at timestamptz, used_at timestamptz, expires_at timestamptz,
  ended_at timestamptz, ended_by text)
language sql stable security definer set search_path = '' as $$
  select s.id, s.user_agent, s.created_at, s.used_at, s.expires_at, s.ended_at, s.ended_by from public.sessions s
  where s.user_id = person and ((s.ended_at is null and s.expires_at > pg_catalog.now())
    or (s.ended_by = 'reuse' and s.ended_at > pg_catalog.now() - interval '30 days'))
  order by s.ended_at desc nulls first, s.used_at desc
$$;

-- A person, their agencies, the sessions whose access tokens are over though they have not expired (they live an hour),
-- and what the person has to be told. An account that was never proven acts in its own agency alone.
drop function app.memberships_of(uuid, text);
create function app.memberships_of(own_id uuid, subject text)
returns table (user_id uuid, email text, full_name text, agency_id uuid, agency_name text, agency_slug text, role text,
  token_generation integer, ended_sessions uuid[], reused_sessions jsonb)
language sql stable security definer set search_path = '' as $$
  with person as (
    select u.id, u.email, u.full_name, u.token_generation, u.local_agency_id from public.users u
    where u.is_active and (u.id = own_id or u.auth_subject = subject)
    order by (u.id = own_id) is true desc limit 1)
  select p.id, p.email, p.full_name, m.agency_id, a.name, a.slug, m.role, p.token_generation,
    array(select s.id from public.sessions s where s.user_id = p.id and s.ended_by in ('sign_out', 'reuse')
      and s.ended_at > pg_catalog.now() - interval '2 hours'),
    (select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('at', s.ended_at, 'user_agent', s.user_agent) order by s.ended_at desc)
      from public.sessions s where s.user_id = p.id and s.ended_by = 'reuse'
      and s.ended_at > pg_catalog.now() - interval '30 days')
  from person p
  left join (public.team_members m join public.agencies a on a.id = m.agency_id and a.deleted_at is null)
    on m.user_id = p.id and m.is_active and (p.local_agency_id is null or m.agency_id = p.local_agency_id)
  order by a.name, m.agency_id
$$;

-- The access tokens of an ended session are refused by every process: each is told.
create trigger announce after update on sessions for each row
  when (old.ended_at is null and new.ended_at is not null) execute function app.announce_person();
drop trigger announce on users;
create trigger announce after update on users for each row
  when ((old.is_active, old.token_generation, old.email, old.full_name, old.auth_subject, old.local_agency_id)
    is distinct from (new.is_active, new.token_generation, new.email, new.full_name, new.auth_subject, new.local_agency_id))
  execute function app.announce_person();

grant create on schema app to roost_auth;
alter function app.audit_session_reuse(uuid, uuid, uuid, text) owner to roost_auth;
alter function app.sessions_of(uuid) owner to roost_auth;
alter function app.memberships_of(uuid, text) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.audit_session_reuse(uuid, uuid, uuid, text), app.sessions_of(uuid),
  app.memberships_of(uuid, text) from public;
grant execute on function app.audit_session_reuse(uuid, uuid, uuid, text), app.sessions_of(uuid),
  app.memberships_of(uuid, text) to roost_system;
