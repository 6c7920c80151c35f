-- Supabase gives its own roles, anon among them, every right on each new table of the public schema, TRUNCATE included,
-- which no policy is asked about. Nobody but ours needs any; elsewhere these roles do not exist and nothing happens.
do $$
declare
  stranger text;
begin
  for stranger in select rolname from pg_roles where rolname in ('anon', 'service_role', 'authenticated') loop
    execute format('alter default privileges in schema public revoke all on tables from %I', stranger);
    execute format('alter default privileges in schema public revoke all on sequences from %I', stranger);
    execute format('alter default privileges in schema public revoke all on functions from %I', stranger);
    if stranger <> 'authenticated' then
      execute format('revoke all on all tables in schema public from %I', stranger);
    end if;
  end loop;
end
$$;
