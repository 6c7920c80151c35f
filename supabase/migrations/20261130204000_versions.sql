-- Agencies, guests, holds and members get a version, which ETag and If-Match need. A trigger counts it, because functions
-- and processes of the previous release also change these rows.
create function app.next_version() returns trigger language plpgsql set search_path = '' as $$
begin
  new.version := old.version + 1;
  return new;
end
$$;
revoke all on function app.next_version() from public;

alter table agencies add column version integer not null default 1;
alter table guests add column version integer not null default 1;
alter table holds add column version integer not null default 1;
alter table team_members add column version integer not null default 1;
create trigger version before update on agencies for each row execute function app.next_version();
create trigger version before update on guests for each row execute function app.next_version();
create trigger version before update on holds for each row execute function app.next_version();
create trigger version before update on team_members for each row execute function app.next_version();
