-- E-mails, written in the transaction of the change that causes them and sent by the worker. A message has no text: it is rendered
-- from its kind and parameters when it is sent.
create table mail_messages (
  id uuid not null,
  kind text not null constraint mail_messages_kind_check check (length(kind) between 1 and 50),
  to_address text not null constraint mail_messages_to_address_check check (to_address ~ '^[^@\s]+@[^@\s]+$' and length(to_address) <= 254),
  language text constraint mail_messages_language_check check (language in ('de', 'en')),
  params jsonb not null default '{}',
  secret bytea constraint mail_messages_secret_check check (length(secret) <= 500),
  is_for_account boolean not null default false,
  state text not null default 'waiting' constraint mail_messages_state_check check (state in ('waiting', 'sent', 'failed', 'expired')),
  attempts smallint not null default 0,
  next_attempt_at timestamptz not null default now(),
  lease uuid,
  leased_until timestamptz,
  last_error text constraint mail_messages_last_error_check check (length(last_error) <= 100),
  sender_agency_id uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  settled_at timestamptz,
  constraint mail_messages_pkey primary key (id));
comment on column mail_messages.sender_agency_id is 'The agency in whose transaction it was added; null for what people do themselves.';
comment on column mail_messages.language is 'Of the agency that caused it; the language of the person comes first.';
comment on column mail_messages.secret is 'The secret of the link, encrypted with a key of the deployment. Null once the message is sent, failed or expired.';
comment on column mail_messages.is_for_account is 'Deleted instead of sent when the address has no account with a password.';
comment on column mail_messages.last_error is 'A code, never a message, which may hold personal data.';
comment on column mail_messages.lease is 'The attempt in progress. It ends at leased_until when its process is killed.';
create index mail_messages_due_idx on mail_messages (next_attempt_at) where state = 'waiting';
create index mail_messages_address_idx on mail_messages (to_address, created_at);
create index mail_messages_settled_idx on mail_messages (settled_at) where settled_at is not null;

alter table mail_messages enable row level security;
alter table mail_messages force row level security;
revoke all on mail_messages from public, roost_tenant;
grant select, insert, update, delete on mail_messages to roost_auth;
create policy mail on mail_messages for all to roost_auth using (true) with check (true);

-- Adds a message in the transaction of its cause. False after twenty to one address in an hour.
create function app.queue_mail(new_id uuid, new_kind text, address text, for_language text, new_params jsonb, sealed bytea,
  ends_at timestamptz, for_account boolean)
returns boolean language sql security definer set search_path = '' as $$
  with added as (
    insert into public.mail_messages (id, kind, to_address, language, params, secret, expires_at, is_for_account, sender_agency_id)
    select new_id, new_kind, pg_catalog.lower(address), for_language, new_params, sealed, ends_at, for_account,
      (nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'agency_id')::uuid
    where (select pg_catalog.count(*) from public.mail_messages m
      where m.to_address = pg_catalog.lower(address) and m.created_at > pg_catalog.now() - interval '1 hour') < 20
    returning 1)
  select exists (select from added)
$$;

-- The language of a message: of the person, of the agency that caused it, of an agency of the person, English.
create function app.mail_language(address text, given text) returns text language sql stable set search_path = '' as $$
  select coalesce(
    (select u.language from public.users u where u.email = address and u.language is not null
      order by u.local_agency_id is not null, u.created_at limit 1),
    given,
    (select a.language from public.users u join public.team_members m on m.user_id = u.id and m.is_active
      join public.agencies a on a.id = m.agency_id
      where u.email = address and a.language is not null order by m.created_at limit 1),
    'en')
$$;

create function app.has_password_account(address text) returns boolean language sql stable set search_path = '' as $$
  select exists (select from public.users u where u.email = address and u.is_active and u.auth_subject is null)
$$;

-- Leases the message that has been due for the longest time to one attempt.
create function app.claim_mail(new_lease uuid)
returns table (id uuid, kind text, to_address text, language text, params jsonb, secret bytea, attempts integer, is_wanted boolean)
language sql security definer set search_path = '' as $$
  update public.mail_messages m set lease = new_lease, leased_until = pg_catalog.now() + interval '5 minutes', attempts = m.attempts + 1
  where m.id = (
    select d.id from public.mail_messages d
    where d.state = 'waiting' and d.next_attempt_at <= pg_catalog.now() and d.expires_at > pg_catalog.now()
      and (d.leased_until is null or d.leased_until < pg_catalog.now())
    order by d.next_attempt_at limit 1 for update skip locked)
  returning m.id, m.kind, m.to_address, app.mail_language(m.to_address, m.language), m.params, m.secret, m.attempts::integer,
    not m.is_for_account or app.has_password_account(m.to_address)
$$;

-- Saves the outcome of an attempt: sent, failed, waiting (for another attempt, in so many seconds) or unwanted. Does nothing when
-- the lease has ended and another attempt has begun.
create function app.settle_mail(message uuid, of_lease uuid, outcome text, error text, retry_seconds integer) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if outcome = 'unwanted' then
    delete from public.mail_messages m where m.id = message and m.lease = of_lease;
  elsif outcome = 'waiting' then
    update public.mail_messages m set lease = null, leased_until = null, last_error = error,
      next_attempt_at = pg_catalog.now() + pg_catalog.make_interval(secs => retry_seconds)
    where m.id = message and m.lease = of_lease;
  else
    update public.mail_messages m set lease = null, leased_until = null, last_error = error, state = outcome, secret = null,
      settled_at = pg_catalog.now()
    where m.id = message and m.lease = of_lease;
  end if;
end
$$;

-- Ends messages that have expired, and deletes those that were settled 30 days ago. Returns how many.
create function app.purge_mail(batch integer) returns bigint language sql security definer set search_path = '' as $$
  delete from public.mail_messages m
  where m.state = 'waiting' and m.is_for_account and not app.has_password_account(m.to_address)
    and (m.leased_until is null or m.leased_until < pg_catalog.now());
  update public.mail_messages m set state = 'expired', secret = null, settled_at = pg_catalog.now()
  where m.state = 'waiting' and m.expires_at <= pg_catalog.now();
  with gone as (
    delete from public.mail_messages where id in (
      select m.id from public.mail_messages m where m.settled_at < pg_catalog.now() - interval '30 days' limit batch)
    returning 1)
  select pg_catalog.count(*) from gone
$$;

-- The newest messages, or one of them, for the operator.
create function app.list_mail(wanted uuid, most integer)
returns table (id uuid, kind text, to_address text, language text, params jsonb, secret bytea, state text, attempts integer,
  last_error text, created_at timestamptz, expires_at timestamptz, settled_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select m.id, m.kind, m.to_address, app.mail_language(m.to_address, m.language), m.params,
    case when m.expires_at > pg_catalog.now() then m.secret end,
    case when m.state = 'waiting' and m.expires_at <= pg_catalog.now() then 'expired' else m.state end,
    m.attempts::integer, m.last_error, m.created_at, m.expires_at, m.settled_at
  from public.mail_messages m
  where (wanted is null or m.id = wanted)
    and not (m.state = 'waiting' and m.is_for_account and not app.has_password_account(m.to_address))
  order by m.id desc limit most
$$;

-- Numbers for operators: messages that wait, and those that were given up in the last seven days.
create function app.mail_states() returns table (waiting integer, oldest_at timestamptz, failed integer)
language sql stable security definer set search_path = '' as $$
  select
    (select pg_catalog.count(*)::integer from public.mail_messages m where m.state = 'waiting' and m.expires_at > pg_catalog.now()
      and (not m.is_for_account or app.has_password_account(m.to_address))),
    (select pg_catalog.min(m.created_at) from public.mail_messages m where m.state = 'waiting' and m.expires_at > pg_catalog.now()
      and (not m.is_for_account or app.has_password_account(m.to_address))),
    (select pg_catalog.count(*)::integer from public.mail_messages m
      where m.settled_at > pg_catalog.now() - interval '7 days' and m.state = 'failed')
$$;

grant create on schema app to roost_auth;
alter function app.queue_mail(uuid, text, text, text, jsonb, bytea, timestamptz, boolean) owner to roost_auth;
alter function app.claim_mail(uuid) owner to roost_auth;
alter function app.settle_mail(uuid, uuid, text, text, integer) owner to roost_auth;
alter function app.purge_mail(integer) owner to roost_auth;
alter function app.list_mail(uuid, integer) owner to roost_auth;
alter function app.mail_states() owner to roost_auth;
revoke create on schema app from roost_auth;
revoke execute on function app.queue_mail(uuid, text, text, text, jsonb, bytea, timestamptz, boolean), app.claim_mail(uuid),
  app.settle_mail(uuid, uuid, text, text, integer), app.purge_mail(integer), app.list_mail(uuid, integer), app.mail_states(),
  app.mail_language(text, text), app.has_password_account(text) from public;
grant execute on function app.queue_mail(uuid, text, text, text, jsonb, bytea, timestamptz, boolean) to roost_system, roost_tenant;
grant execute on function app.claim_mail(uuid), app.settle_mail(uuid, uuid, text, text, integer), app.purge_mail(integer),
  app.list_mail(uuid, integer), app.mail_states() to roost_system;
grant execute on function app.mail_language(text, text), app.has_password_account(text) to roost_auth;
