-- destroys: account_tokens
create or replace function app.set_password(person uuid, new_password_hash text) returns void
language sql security definer set search_path = '' as $$
  update public.users u set password_hash = new_password_hash where u.id = person
$$;
drop function app.add_password_token(bytea, text);
drop function app.add_member_token(uuid, bytea, boolean);
drop function app.open_account_token(bytea, text);
drop function app.reset_password(bytea, text);
drop function app.profile_of(uuid);
drop function app.update_profile(uuid, text, text);
drop function app.add_email_token(bytea, uuid, text);
drop function app.confirm_email(bytea);
drop function app.audit_account(uuid, uuid, uuid, text, text, jsonb);
drop function app.purge_account_tokens(integer);
drop policy account_insert on audit_log;
drop table account_tokens;
