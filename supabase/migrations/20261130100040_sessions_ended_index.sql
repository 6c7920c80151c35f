-- roost: no-transaction
-- Every look-up of a person asks which of their sessions ended a short time ago.
create index concurrently if not exists sessions_ended_idx on sessions (user_id, ended_at) where ended_by in ('sign_out', 'reuse');
