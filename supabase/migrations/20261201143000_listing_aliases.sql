-- Further titles of a property: what channels call it. Imports find the property by them.
create table listing_aliases (
  agency_id uuid not null references agencies (id),
  title text not null constraint listing_aliases_title_check check (length(title) between 1 and 255),
  property_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint listing_aliases_pkey primary key (agency_id, title),
  constraint listing_aliases_property_fkey foreign key (agency_id, property_id) references properties (agency_id, id));
comment on column listing_aliases.title is 'In lower case, with single spaces.';
create index listing_aliases_property_idx on listing_aliases (agency_id, property_id);
select app.protect('listing_aliases');
grant select, insert, update on listing_aliases to roost_tenant;
create policy operator_only on listing_aliases as restrictive for all to roost_tenant
  using ((select app.has_role('operator'))) with check ((select app.has_role('operator')));
create trigger touch before update on listing_aliases for each row execute function app.touch();
