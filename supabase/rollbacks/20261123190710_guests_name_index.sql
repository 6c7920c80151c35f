drop index guests_name_idx;
