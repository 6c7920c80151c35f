-- A person can end one session of theirs by its id: the one of a lost device, whose refresh token they do not have.
create function app.end_own_session(person uuid, own_session uuid) returns boolean
language sql security definer set search_path = '' as $$
  with ended as (
    update public.sessions s set ended_at = pg_catalog.now(), ended_by = 'sign_out'
    where s.id = own_session and s.user_id = person and s.ended_at is null and s.expires_at > pg_catalog.now()
    returning 1)
  select exists (select from ended)
$$;

grant create on schema app to roost_auth;
alter function app.end_own_session(uuid, uuid) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.end_own_session(uuid, uuid) from public;
grant execute on function app.end_own_session(uuid, uuid) to roost_system;
