alter table guests drop column anonymised_at;
