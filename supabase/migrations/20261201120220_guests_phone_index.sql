-- roost: no-transaction
-- Guests with the same phone number, with or without the country code.
create index concurrently if not exists guests_phone_idx on guests (agency_id, right(phone, 7)) where phone is not null;
