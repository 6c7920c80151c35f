-- derived: actors
drop trigger keep_actors on users;
drop trigger keep_actors on team_members;
drop trigger keep_actors on agencies;
drop function app.keep_actors();
drop table actors;
