-- Metadata of SAML providers that is fetched again by schedule.
alter table identity_providers add column refresh_due {{int}} not null default 0; -- when; 0: never
alter table identity_providers add column refresh_fault text not null default ''; -- why the last time failed; empty: it did not

update identity_providers set refresh_due = fetched where fetched > 0;

create index identity_providers_by_refresh on identity_providers (refresh_due, pool_id, name);
