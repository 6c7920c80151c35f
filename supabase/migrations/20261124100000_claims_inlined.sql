-- The functions that policies ask are part of every statement, some of them ten times: as bodies that are parsed once,
-- here, the planner writes them into the statement instead of calling them. Such a body has no search_path to be misled.
create or replace function app.claims() returns jsonb language sql stable parallel safe
  return nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb;

create or replace function app.agency_id() returns uuid language sql stable parallel safe
  return coalesce(app.claims() ->> 'agency_id', app.claims() #>> '{app_metadata,agency_id}')::pg_catalog.uuid;

create or replace function app.user_id() returns uuid language sql stable parallel safe
  return (app.claims() ->> 'sub')::pg_catalog.uuid;

-- Never read from user_metadata: users may edit that.
create or replace function app.app_role() returns text language sql stable parallel safe
  return coalesce(app.claims() ->> 'app_role', app.claims() #>> '{app_metadata,app_role}', '');

-- 'operator' is the deployment's own command line; no membership and no token we accept ever carries it.
create or replace function app.has_role(variadic roles text[]) returns boolean language sql stable parallel safe
  return app.app_role() = any (roles || 'operator'::pg_catalog.text);

-- Everyone who may see rows of the whole agency. An unknown role is nobody.
create or replace function app.is_staff() returns boolean language sql stable parallel safe
  return app.has_role('admin', 'manager', 'staff', 'accountant');

-- One of the five roles, or the operator: whoever is anybody in the agency at all.
create or replace function app.is_member() returns boolean language sql stable parallel safe
  return app.has_role('admin', 'manager', 'staff', 'accountant', 'owner');
