-- destroys: agencies
-- destroys: users
-- destroys: team_members
drop function app.count_agencies(), app.ensure_user(uuid, text, text, text, text), app.find_agency(text),
  app.memberships_of(uuid, text), app.sign_in_user(text);
drop table team_members, users, agencies;
