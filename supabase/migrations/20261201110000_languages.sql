-- The language of a person and of an agency, for e-mails; and whether the link of an invitation went only to the invited address.
alter table users add column language text constraint users_language_check check (language in ('de', 'en'));
alter table agencies add column language text constraint agencies_language_check check (language in ('de', 'en'));
alter table team_invitations add column is_mailed boolean not null default false;
comment on column team_invitations.is_mailed is 'The link was sent to the address and shown to nobody else, so that accepting proves the address.';
