-- Links that people get by e-mail: for a new password, or to confirm a new address.
create table account_tokens (
  token_hash bytea not null constraint account_tokens_token_hash_check check (length(token_hash) = 32),
  purpose text not null constraint account_tokens_purpose_check check (purpose in ('password', 'email')),
  email text not null constraint account_tokens_email_check
    check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
  user_id uuid references users (id),
  local_agency_id uuid references agencies (id),
  created_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  constraint account_tokens_pkey primary key (token_hash));
comment on column account_tokens.email is 'The address that the link was sent to. For a new password: of all accounts that get it.';
comment on column account_tokens.user_id is 'Whose address changes; for a new password, the only account that gets it.';
comment on column account_tokens.local_agency_id is 'The link was shown to an admin of this agency, so it is for an account of this agency alone.';
create index account_tokens_email_idx on account_tokens (email, created_at);
create index account_tokens_user_idx on account_tokens (user_id) where user_id is not null;
create index account_tokens_agency_idx on account_tokens (local_agency_id) where local_agency_id is not null;
create index account_tokens_expires_idx on account_tokens (expires_at);

alter table account_tokens enable row level security;
alter table account_tokens force row level security;
revoke all on account_tokens from public, roost_tenant;
grant select, insert, update, delete on account_tokens to roost_auth;
create policy sign_in on account_tokens for all to roost_auth using (true) with check (true);
create policy account_insert on audit_log for insert to roost_auth with check (
  actor_id is not null and action in ('member.password_reset', 'member.email_changed', 'member.profile_changed'));

-- The link of an address, or false after five in an hour. It does not look at accounts: the work is the same for every address.
create function app.add_password_token(hash bytea, address text) returns boolean
language sql security definer set search_path = '' as $$
  insert into public.account_tokens (token_hash, purpose, email, expires_at)
  select hash, 'password', pg_catalog.lower(address), pg_catalog.now() + interval '1 hour'
  where (select pg_catalog.count(*) from public.account_tokens t
    where t.email = pg_catalog.lower(address) and t.created_at > pg_catalog.now() - interval '1 hour' and t.purpose = 'password') < 5
  returning true
$$;

-- The link for a member of the agency in the claims, made by its admin. `is_shown`: the admin will see the link. That is possible
-- only for an account of this agency alone ('shown'); for others the link is for the owner of the address ('sent'). 'none': there
-- is no such active member. 'no_password': the member has no password. 'limited': after five in an hour.
create function app.add_member_token(member uuid, hash bytea, is_shown boolean) returns table (outcome text, email text, version integer)
language plpgsql security definer set search_path = '' as $$
declare
  claims jsonb := pg_catalog.current_setting('request.jwt.claims', true)::jsonb;
  agency uuid := (claims ->> 'agency_id')::uuid;
  account record;
begin
  if claims ->> 'app_role' is distinct from 'admin' then
    raise exception 'only an admin makes links for members' using errcode = 'insufficient_privilege';
  end if;
  select u.id, u.email, u.is_active, u.auth_subject, u.local_agency_id, m.version into account
  from public.team_members m join public.users u on u.id = m.user_id
  where m.agency_id = agency and m.user_id = member and m.is_active;
  if not found then
    return query select 'none', null::text, null::integer;
  elsif account.auth_subject is not null or not account.is_active then
    return query select 'no_password', account.email, account.version;
  elsif is_shown and account.local_agency_id = agency then
    insert into public.account_tokens (token_hash, purpose, email, user_id, local_agency_id, created_by, expires_at)
    values (hash, 'password', account.email, account.id, agency, (claims ->> 'sub')::uuid, pg_catalog.now() + interval '1 hour');
    return query select 'shown', account.email, account.version;
  elsif app.add_password_token(hash, account.email) then
    return query select 'sent', account.email, account.version;
  else
    return query select 'limited', account.email, account.version;
  end if;
end
$$;

-- The link, while it can be used. One that an admin has seen ends with their right to invite, and when the account is proven.
create function app.open_account_token(given bytea, wanted_purpose text) returns table (email text, user_id uuid)
language sql stable security definer set search_path = '' as $$
  select t.email, t.user_id from public.account_tokens t
  where t.token_hash = given and t.purpose = wanted_purpose and t.used_at is null and t.expires_at > pg_catalog.now()
    and (t.local_agency_id is null or app.may_still_invite(t.local_agency_id, t.created_by))
    -- Two lookups: no index serves a condition on one column or the other.
    and (exists (select from public.users u
        where t.user_id is null and u.email = t.email and u.is_active and u.auth_subject is null
          and (t.local_agency_id is null or u.local_agency_id = t.local_agency_id))
      or exists (select from public.users u
        where u.id = t.user_id and u.is_active and u.auth_subject is null
          and (t.local_agency_id is null or u.local_agency_id = t.local_agency_id)))
$$;

-- Sets the password of all accounts of the link: of its address, or of one account. Ends their sessions and other links. A link that
-- was sent to the address proves it, unless another account has proven it. Returns the accounts; none when the link is not open.
create function app.reset_password(given bytea, new_password_hash text) returns table (user_id uuid)
language plpgsql security definer set search_path = '' as $$
declare
  token record;
  changed uuid[];
begin
  select t.email, t.user_id, t.local_agency_id into token from public.account_tokens t where t.token_hash = given for update;
  if not found or not exists (select from app.open_account_token(given, 'password')) then
    return;
  end if;
  changed := array(
    select u.id from public.users u
    where u.is_active and u.auth_subject is null
      and (u.id = token.user_id or (token.user_id is null and u.email = token.email))
    order by u.id for update);
  update public.users u set password_hash = new_password_hash, token_generation = u.token_generation + 1 where u.id = any (changed);
  if token.user_id is null and not exists (
      select from public.users u where u.email = token.email and u.local_agency_id is null) then
    update public.users u set local_agency_id = null, email_proven_at = pg_catalog.now(), email_proven_by = 'link'
    where u.id = (select o.id from public.users o where o.id = any (changed) order by o.created_at, o.id limit 1);
  end if;
  update public.sessions s set ended_at = pg_catalog.now(), ended_by = 'password' where s.user_id = any (changed) and s.ended_at is null;
  update public.account_tokens t set used_at = pg_catalog.now()
  where t.used_at is null and (t.token_hash = given or t.user_id = any (changed)
    or (token.user_id is null and t.purpose = 'password' and t.email = token.email));
  return query select unnest(changed);
end
$$;

-- Also ends links for a new address: somebody else may have asked for them with the former password.
create or replace function app.set_password(person uuid, new_password_hash text) returns void
language sql security definer set search_path = '' as $$
  update public.users u set password_hash = new_password_hash where u.id = person;
  update public.account_tokens t set used_at = pg_catalog.now() where t.user_id = person and t.used_at is null;
$$;

create function app.profile_of(person uuid) returns table (language text, pending_email text)
language sql stable security definer set search_path = '' as $$
  select u.language,
    (select t.email from public.account_tokens t where t.user_id = u.id and t.purpose = 'email' and t.used_at is null
      and t.expires_at > pg_catalog.now() order by t.created_at desc limit 1)
  from public.users u where u.id = person
$$;

-- Null leaves a column as it is.
create function app.update_profile(person uuid, new_name text, new_language text) returns boolean
language sql security definer set search_path = '' as $$
  update public.users u set full_name = coalesce(new_name, u.full_name), language = coalesce(new_language, u.language)
  where u.id = person and (u.full_name, u.language) is distinct from
    (coalesce(new_name, u.full_name), coalesce(new_language, u.language))
  returning true
$$;

-- The link that confirms a new address of a person. It replaces earlier ones. False after five in an hour.
create function app.add_email_token(hash bytea, person uuid, address text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.users u where u.id = person for update;
  if (select pg_catalog.count(*) from public.account_tokens t
      where t.user_id = person and t.purpose = 'email' and t.created_at > pg_catalog.now() - interval '1 hour') >= 5 then
    return false;
  end if;
  update public.account_tokens t set used_at = pg_catalog.now() where t.user_id = person and t.purpose = 'email' and t.used_at is null;
  insert into public.account_tokens (token_hash, purpose, email, user_id, expires_at)
  values (hash, 'email', pg_catalog.lower(address), person, pg_catalog.now() + interval '1 hour');
  return true;
end
$$;

-- Changes the address to that of the link. A proven account stays proven, by the link; an unproven one stays unproven, because
-- somebody else may have chosen its password. 'gone': the link is not open. 'taken': the address has a proven account, or an account
-- in an agency of the person.
create function app.confirm_email(given bytea) returns table (outcome text, user_id uuid, old_email text)
language plpgsql security definer set search_path = '' as $$
declare
  token record;
  account record;
begin
  select t.email, t.user_id into token from public.account_tokens t where t.token_hash = given for update;
  if not found or not exists (select from app.open_account_token(given, 'email')) then
    return query select 'gone', null::uuid, null::text;
    return;
  end if;
  select u.id, u.email into account from public.users u where u.id = token.user_id for update;
  if exists (select from public.users o join public.team_members m on m.user_id = o.id
      join public.team_members own on own.agency_id = m.agency_id and own.user_id = account.id
      where o.email = token.email and o.id <> account.id) then
    return query select 'taken', account.id, account.email;
    return;
  end if;
  update public.users u set email = token.email,
    email_proven_at = case when u.local_agency_id is null then pg_catalog.now() end,
    email_proven_by = case when u.local_agency_id is null then 'link' end
  where u.id = account.id;
  update public.account_tokens t set used_at = pg_catalog.now() where t.token_hash = given;
  return query select 'changed', account.id, account.email;
exception when unique_violation then
  return query select 'taken', account.id, account.email;
end
$$;

-- An entry about their own account in one agency of a person.
create function app.audit_account(person uuid, in_agency uuid, audit_id uuid, request text, what text, details jsonb) returns void
language sql security definer set search_path = '' as $$
  insert into public.audit_log (agency_id, id, request_id, actor_id, actor_role, action, entity_type, entity_id, version, after)
  select m.agency_id, audit_id, request, m.user_id, m.role, what, 'team_member', m.user_id, m.version, details
  from public.team_members m where m.user_id = person and m.agency_id = in_agency and m.is_active
$$;

create function app.purge_account_tokens(batch integer) returns bigint language sql security definer set search_path = '' as $$
  with gone as (
    delete from public.account_tokens where token_hash in (
      select t.token_hash from public.account_tokens t where t.expires_at < pg_catalog.now() limit batch)
    returning 1)
  select pg_catalog.count(*) from gone
$$;

grant create on schema app to roost_auth;
alter function app.add_password_token(bytea, text) owner to roost_auth;
alter function app.add_member_token(uuid, bytea, boolean) owner to roost_auth;
alter function app.open_account_token(bytea, text) owner to roost_auth;
alter function app.reset_password(bytea, text) owner to roost_auth;
alter function app.profile_of(uuid) owner to roost_auth;
alter function app.update_profile(uuid, text, text) owner to roost_auth;
alter function app.add_email_token(bytea, uuid, text) owner to roost_auth;
alter function app.confirm_email(bytea) owner to roost_auth;
alter function app.audit_account(uuid, uuid, uuid, text, text, jsonb) owner to roost_auth;
alter function app.purge_account_tokens(integer) owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.add_password_token(bytea, text), app.add_member_token(uuid, bytea, boolean),
  app.open_account_token(bytea, text), app.reset_password(bytea, text), app.profile_of(uuid),
  app.update_profile(uuid, text, text), app.add_email_token(bytea, uuid, text), app.confirm_email(bytea),
  app.audit_account(uuid, uuid, uuid, text, text, jsonb), app.purge_account_tokens(integer) from public;
grant execute on function app.add_member_token(uuid, bytea, boolean) to roost_tenant;
grant execute on function app.add_password_token(bytea, text), app.open_account_token(bytea, text),
  app.reset_password(bytea, text), app.profile_of(uuid), app.update_profile(uuid, text, text),
  app.add_email_token(bytea, uuid, text), app.confirm_email(bytea),
  app.audit_account(uuid, uuid, uuid, text, text, jsonb), app.purge_account_tokens(integer) to roost_system;
