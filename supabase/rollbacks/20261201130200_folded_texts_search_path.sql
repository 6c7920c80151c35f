create or replace function app.search_text(given text) returns text language sql immutable parallel safe as $$
  select case when octet_length(given) = length(given) then translate(lower(given collate "C"), '-''`', ' ')
    else app.folded(given) || coalesce(' ' || app.spelled_out(given), '') end
$$;
alter function app.sort_key(text) reset search_path;
alter function app.spelled_out(text) reset search_path;
alter function app.folded(text) reset search_path;
