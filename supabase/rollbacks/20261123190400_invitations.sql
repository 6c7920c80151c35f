-- destroys: team_invitations
drop trigger keep_an_admin on team_members;
drop function app.keep_an_admin();
drop function app.find_invitation(bytea);
drop table team_invitations;
