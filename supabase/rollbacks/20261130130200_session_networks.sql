drop function app.has_signed_in_from(uuid, bytea);
drop function app.remember_network(uuid, bytea);
alter table sessions drop column network_hash;
