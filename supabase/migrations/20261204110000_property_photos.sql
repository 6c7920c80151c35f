-- Pictures of properties. The files are in the media store (core/media); this is what is known about them.
create table property_photos (
  agency_id uuid not null references agencies (id),
  id uuid not null,
  property_id uuid not null,
  position integer not null constraint property_photos_position_check check (position between 0 and 1000),
  alt_text text constraint property_photos_alt_text_check check (length(alt_text) between 1 and 300),
  status text not null
    constraint property_photos_status_check check (status in ('uploading', 'processing', 'ready', 'failed')),
  failure text constraint property_photos_failure_check check (failure in ('UNREADABLE', 'TOO_MANY_PIXELS')),
  media_key text not null constraint property_photos_media_key_check check (media_key ~ '^[A-Za-z0-9_-]{16,64}$'),
  width integer constraint property_photos_width_check check (width > 0),
  height integer constraint property_photos_height_check check (height > 0),
  deleted_at timestamptz,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint property_photos_pkey primary key (agency_id, id),
  constraint property_photos_property_fkey foreign key (agency_id, property_id) references properties (agency_id, id),
  constraint property_photos_failed_check check ((status = 'failed') = (failure is not null)),
  constraint property_photos_ready_check check (status <> 'ready' or (width is not null and height is not null)));
comment on column property_photos.position is 'From 1 without gaps, in the property; 0 while the file is being uploaded.';
comment on column property_photos.media_key is 'The random part of the names of its files.';
comment on column property_photos.width is 'Of the picture that was uploaded, after its rotation.';
comment on column property_photos.deleted_at is 'A job deletes the files, and then the row.';
create index property_photos_list_idx on property_photos (agency_id, property_id, position, id) where deleted_at is null;
create index property_photos_property_idx on property_photos (agency_id, property_id);
create index property_photos_work_idx on property_photos (agency_id, created_at, id)
  where deleted_at is not null or status in ('uploading', 'processing');
select app.protect('property_photos');
grant select, insert, update, delete on property_photos to roost_tenant;
create policy owner_scope on property_photos as restrictive for select to roost_tenant
  using ((select app.has_role('admin', 'manager', 'staff'))
    or ((select app.app_role()) = 'owner' and property_id = any ((select app.own_properties())::uuid[])));
create policy write_insert on property_photos as restrictive for insert to roost_tenant
  with check ((select app.has_role('admin', 'manager')));
create policy write_update on property_photos as restrictive for update to roost_tenant
  using ((select app.has_role('admin', 'manager')));
create policy write_delete on property_photos as restrictive for delete to roost_tenant
  using ((select app.has_role('operator')));
create trigger touch before update on property_photos for each row execute function app.touch();
