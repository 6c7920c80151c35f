alter table team_invitations drop column is_mailed;
alter table agencies drop column language;
alter table users drop column language;
