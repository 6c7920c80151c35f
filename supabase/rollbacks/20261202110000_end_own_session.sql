drop function app.end_own_session(uuid, uuid);
