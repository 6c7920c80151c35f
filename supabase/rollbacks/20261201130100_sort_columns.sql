alter table properties drop column sort_name;
alter table guests drop column search_text, drop column sort_name;
