-- Fails while one address has several accounts: they cannot be told apart without what this undoes.
alter table users add constraint users_email_key unique (email);
drop trigger refuse_foreign_local_account on team_members;
drop policy joining_insert on team_members;
drop policy joining_update on team_members;
drop policy joining_update on team_invitations;
drop policy sign_in_insert on audit_log;
revoke insert, update on team_members from roost_auth;
revoke update on team_invitations from roost_auth;
revoke insert on audit_log from roost_auth;
drop function app.accounts_of(text);
drop function app.create_account(uuid, text, text, text, text);
drop function app.prove_account(uuid);
drop function app.set_subject(uuid, text);
drop function app.refuse_foreign_local_account();
drop function app.accept_invitation(bytea, uuid, integer, uuid, uuid, text, text, text);
drop function app.open_invitation(bytea);
drop function app.may_still_invite(uuid, uuid);

create or replace function app.sign_in_user(wanted_email text)
returns table (id uuid, email text, full_name text, password_hash text)
language sql stable security definer set search_path = '' as $$
  select u.id, u.email, u.full_name, u.password_hash
  from public.users u where u.email = pg_catalog.lower(wanted_email) and u.is_active
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

create function app.find_invitation(given bytea)
returns table (agency_id uuid, agency_name text, id uuid, email text, full_name text, role text,
  user_id uuid, user_is_active boolean, user_has_password boolean)
language sql stable security definer set search_path = '' as $$
  select i.agency_id, a.name, i.id, i.email, i.full_name, i.role, u.id, u.is_active, u.password_hash is not null
  from public.team_invitations i
  join public.agencies a on a.id = i.agency_id and a.deleted_at is null
  left join public.users u on u.email = i.email
  where i.token_hash = given and i.accepted_at is null and i.revoked_at is null and i.expires_at > pg_catalog.now()
$$;

grant create on schema app to roost_auth;
alter function app.ensure_user(uuid, text, text, text, text) owner to roost_auth;
alter function app.find_invitation(bytea) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.ensure_user(uuid, text, text, text, text), app.find_invitation(bytea) from public;
grant execute on function app.ensure_user(uuid, text, text, text, text), app.find_invitation(bytea) to roost_system;
alter table users drop constraint users_email_proven_check, drop constraint users_sign_in_check, drop constraint users_local_agency_fkey;
alter table users
  add constraint users_email_proven_check check (
    email_proven_by in ('link', 'operator', 'identity_provider')
    and (email_proven_at is null) = (email_proven_by is null)
    and (email_proven_at is null) = (local_agency_id is not null)) not valid,
  add constraint users_sign_in_check check (auth_subject is null or (password_hash is null and local_agency_id is null)) not valid,
  add constraint users_local_agency_fkey foreign key (local_agency_id) references agencies (id) not valid;
