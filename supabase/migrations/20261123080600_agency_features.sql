-- P1-13. Which optional features an agency is entitled to. No row: off. Written by the operator alone.
create table agency_features (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  feature_name text not null constraint agency_features_feature_name_check check (feature_name ~ '^[a-z][a-z0-9_]{0,62}$'),
  is_enabled boolean not null default true,
  config jsonb not null default '{}' constraint agency_features_config_check check (jsonb_typeof(config) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agency_features_pkey primary key (agency_id, id),
  constraint agency_features_name_key unique (agency_id, feature_name));
select app.protect('agency_features');
grant select, insert, update on agency_features to authenticated;
create policy members_read on agency_features as restrictive for select to authenticated
  using ((select app.is_member()));
create policy operator_insert on agency_features as restrictive for insert to authenticated
  with check ((select app.has_role('operator')));
create policy operator_update on agency_features as restrictive for update to authenticated
  using ((select app.has_role('operator')));
create trigger touch before update on agency_features for each row execute function app.touch();
