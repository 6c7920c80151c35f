-- Lists are sorted and searched without regard to case and accents. The columns are computed by the database, so that no writer
-- can forget them. Adding them rewrites both tables under an exclusive lock: about 10 s for each million guests.
alter table guests
  add column sort_name text collate "C" not null
    generated always as (left(app.folded(last_name), 100) || e'\x01' || left(app.folded(first_name), 100)) stored,
  add column search_text text collate "C" not null
    generated always as (
      app.folded(first_name || ' ' || last_name || coalesce(' ' || email, '') || coalesce(' ' || phone, ''))
      || coalesce(' ' || app.spelled_out(first_name || ' ' || last_name || coalesce(' ' || email, '') || coalesce(' ' || phone, '')), '')) stored;
alter table properties
  add column sort_name text collate "C" not null generated always as (app.sort_key(name)) stored;
-- ANALYZE must not keep samples of names.
alter table guests alter column sort_name set statistics 0, alter column search_text set statistics 0;
