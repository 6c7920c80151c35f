drop function app.require_actor(integer, uuid);
