-- No function looks up names in the caller's search_path (verify tenancy, P02). app.search_text is parsed when it is created
-- instead, because the planner does not inline a function with settings.
alter function app.folded(text) set search_path = '';
alter function app.spelled_out(text) set search_path = '';
alter function app.sort_key(text) set search_path = '';
create or replace function app.search_text(given text) returns text language sql immutable parallel safe
return case when octet_length(given) = length(given) then translate(lower(given collate "C"), '-''`', ' ')
  else app.folded(given) || coalesce(' ' || app.spelled_out(given), '') end;
