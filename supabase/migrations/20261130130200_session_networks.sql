-- People who sign in from a network they signed in from before come first: a session remembers a keyed hash of where it began.
alter table sessions add column network_hash bytea
  constraint sessions_network_hash_check check (length(network_hash) = 32);
comment on column sessions.network_hash is 'HMAC of account and network with the deployment''s secret: tells no address.';

create function app.remember_network(session uuid, hash bytea) returns void
language sql security definer set search_path = '' as $$
  update public.sessions s set network_hash = hash where s.id = session
$$;

-- A session that ended because its token was copied proves nothing.
create function app.has_signed_in_from(person uuid, hash bytea) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from public.sessions s
    where s.user_id = person and s.network_hash = hash and s.ended_by is distinct from 'reuse')
$$;

grant create on schema app to roost_auth;
alter function app.remember_network(uuid, bytea) owner to roost_auth;
alter function app.has_signed_in_from(uuid, bytea) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.remember_network(uuid, bytea), app.has_signed_in_from(uuid, bytea) from public;
grant execute on function app.remember_network(uuid, bytea), app.has_signed_in_from(uuid, bytea) to roost_system;
