drop function app.announce_event(text, uuid);
