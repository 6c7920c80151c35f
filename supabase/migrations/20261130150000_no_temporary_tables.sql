-- Requests make no temporary tables: one of the session could be read in place of a table of ours. The right is PUBLIC's by
-- default; who does not own the database gets a warning here, and `roost verify tenancy` (O13) says what is left to do.
do $$
begin
  execute format('revoke temporary on database %I from public', current_database());
end
$$;
