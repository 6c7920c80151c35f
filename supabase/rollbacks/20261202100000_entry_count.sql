drop function app.entry_count();
