alter table guests drop column country;
