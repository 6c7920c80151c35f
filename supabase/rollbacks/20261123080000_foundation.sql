-- The roles stay: they belong to the server, and other databases may use them.
alter default privileges grant execute on functions to public;
drop schema app cascade;
revoke usage on schema public from authenticated, roost_auth, roost_system;
drop extension btree_gist;
