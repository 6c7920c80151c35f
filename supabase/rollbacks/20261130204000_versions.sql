drop trigger version on agencies;
drop trigger version on guests;
drop trigger version on holds;
drop trigger version on team_members;
alter table agencies drop column version;
alter table guests drop column version;
alter table holds drop column version;
alter table team_members drop column version;
drop function app.next_version();
