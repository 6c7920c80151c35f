drop function app.sort_key(text), app.search_text(text), app.spelled_out(text), app.folded(text);
