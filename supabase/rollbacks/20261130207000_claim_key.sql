drop function app.claim_key(uuid, uuid, text);
