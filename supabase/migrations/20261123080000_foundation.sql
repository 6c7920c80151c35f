-- Roles, the request context and the one way a tenant table is protected. Nothing here knows a feature.
create extension if not exists btree_gist;

-- Roles belong to the whole server: they may exist already (Supabase, another database), and two databases may be
-- migrated at once.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['authenticated', 'roost_auth', 'roost_system'] loop
    begin
      if not exists (select from pg_roles where rolname = wanted) then
        execute format('create role %I nologin noinherit', wanted);
      end if;
    exception when duplicate_object or unique_violation then
      null;
    end;
    if not pg_has_role(current_user, wanted, 'member') then
      execute format('grant %I to current_user', wanted);
    end if;
  end loop;
end
$$;
comment on role roost_auth is 'Owns the few functions that look across agencies before one is known. Nobody logs in as it.';
comment on role roost_system is 'Background work and sign-in: sees no tenant rows but those a policy names.';

revoke create on schema public from public;
grant usage on schema public to authenticated, roost_auth, roost_system;
create schema app;
grant usage on schema app to authenticated, roost_auth, roost_system;
alter default privileges revoke execute on functions from public;

-- The verified claims of the request, set for one transaction only. Without context: NULL, so no rows.
create function app.claims() returns jsonb language sql stable parallel safe set search_path = '' as $$
  select nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb
$$;

create function app.agency_id() returns uuid language sql stable parallel safe set search_path = '' as $$
  select coalesce(app.claims() ->> 'agency_id', app.claims() #>> '{app_metadata,agency_id}')::pg_catalog.uuid
$$;

create function app.user_id() returns uuid language sql stable parallel safe set search_path = '' as $$
  select (app.claims() ->> 'sub')::pg_catalog.uuid
$$;

-- Never read from user_metadata: users may edit that.
create function app.app_role() returns text language sql stable parallel safe set search_path = '' as $$
  select coalesce(app.claims() ->> 'app_role', app.claims() #>> '{app_metadata,app_role}', '')
$$;

-- 'operator' is the deployment's own command line; no membership and no token we accept ever carries it.
create function app.has_role(variadic roles text[]) returns boolean language sql stable parallel safe set search_path = '' as $$
  select app.app_role() = any (roles || 'operator'::pg_catalog.text)
$$;

-- Everyone who may see rows of the whole agency. An unknown role is nobody.
create function app.is_staff() returns boolean language sql stable parallel safe set search_path = '' as $$
  select app.has_role('admin', 'manager', 'staff', 'accountant')
$$;

-- One of the five roles, or the operator: whoever is anybody in the agency at all.
create function app.is_member() returns boolean language sql stable parallel safe set search_path = '' as $$
  select app.is_staff() or app.has_role('owner')
$$;

create function app.touch() returns trigger language plpgsql set search_path = '' as $$
begin
  new.updated_at := pg_catalog.now();
  return new;
end
$$;

-- RLS on, forced, and THE policy. Narrower rules are RESTRICTIVE and stand beside the table.
create function app.protect(tenant_table regclass, agency_column name default 'agency_id') returns void
language plpgsql set search_path = '' as $$
begin
  execute pg_catalog.format('alter table %s enable row level security', tenant_table);
  execute pg_catalog.format('alter table %s force row level security', tenant_table);
  execute pg_catalog.format(
    'create policy tenant on %s for all to authenticated using (%I = (select app.agency_id())) with check (%2$I = (select app.agency_id()))',
    tenant_table, agency_column);
  execute pg_catalog.format('revoke all on %s from public, authenticated', tenant_table);
end
$$;

revoke execute on all functions in schema app from public;
grant execute on function app.claims(), app.agency_id(), app.user_id(), app.app_role(), app.has_role(text[]), app.is_staff(),
  app.is_member()
  to authenticated, roost_auth, roost_system;
