-- roost: no-transaction
-- Every try to sign in asks whether the account has a session from this network; an account may have many sessions.
create index concurrently if not exists sessions_network_idx on sessions (user_id, network_hash);
