-- roost: no-transaction
-- The expiry job looks for what has expired in every agency.
create index concurrently if not exists occupancies_expires_idx on occupancies (expires_at) where expires_at is not null;
