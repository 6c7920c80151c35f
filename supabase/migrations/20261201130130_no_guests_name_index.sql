-- roost: no-transaction
-- contract: lists are sorted by guests_sort_idx; the release before this one sorts the guests of an agency itself.
drop index concurrently if exists guests_name_idx;
