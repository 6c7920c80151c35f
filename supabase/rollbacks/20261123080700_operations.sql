drop function app.schema_version();
drop table app.heartbeats;
