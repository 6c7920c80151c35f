drop index occupancies_expires_idx;
