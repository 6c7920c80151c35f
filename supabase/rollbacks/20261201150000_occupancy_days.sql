alter table occupancies drop column check_in, drop column check_out;
