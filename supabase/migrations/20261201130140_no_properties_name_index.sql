-- roost: no-transaction
-- contract: lists are sorted by properties_sort_idx; the release before this one sorts the properties of an agency itself.
drop index concurrently if exists properties_name_idx;
