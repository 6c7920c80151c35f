-- destroys: refresh_tokens
-- destroys: sessions
drop trigger announce on users;
drop trigger announce on team_members;
drop function app.announce_person();
drop function app.start_session(uuid, uuid, bytea, timestamptz, text);
drop function app.rotate_refresh_token(bytea, bytea);
drop function app.end_session(bytea);
drop function app.end_all_sessions(uuid, text);
drop function app.set_password(uuid, text);
drop function app.sessions_of(uuid);
drop function app.token_generation_of(uuid);
drop function app.purge_sessions(integer);
drop table refresh_tokens, sessions;
alter table users drop column token_generation;
