-- Which JWT_SECRET the service had at its last start, so that it can say when another one is set. One row.
create table app.signing_secret (
  is_only boolean not null default true constraint signing_secret_is_only_check check (is_only),
  fingerprint bytea not null constraint signing_secret_fingerprint_check check (length(fingerprint) = 32),
  changed_at timestamptz not null default now(),
  constraint signing_secret_pkey primary key (is_only));
comment on column app.signing_secret.fingerprint is 'A key that is derived from the secret and used for nothing else. The secret cannot be computed from it.';
grant select, insert, update on app.signing_secret to roost_system;
