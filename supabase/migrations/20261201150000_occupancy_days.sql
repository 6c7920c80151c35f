-- The days of an occupancy as dates. Row-level security lets an index check a condition only when its operator is leakproof
-- (PostgreSQL documentation, "Rules and Privileges"). The operators of ranges are not, comparisons of dates are: a condition on
-- `during` read every row of the property, of all years. The database computes both, so that they cannot disagree with `during`.
-- Adding them rewrites the table and its indexes under an exclusive lock; no booking can be read or made meanwhile.
alter table occupancies
  add column check_in date not null generated always as (lower(during)) stored,
  add column check_out date not null generated always as (upper(during)) stored;
