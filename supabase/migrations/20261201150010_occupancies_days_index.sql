-- roost: no-transaction
-- What is in a property between two days. Rows of one property never overlap, so few of those after `check_out` are read in vain.
create index concurrently if not exists occupancies_days_idx on occupancies (agency_id, property_id, check_out, check_in);
