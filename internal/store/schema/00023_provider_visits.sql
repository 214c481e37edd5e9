-- What became of the last sign-ins by identity providers, for operators. Each provider keeps the newest.
create table provider_visits (
    pool_id  {{key}} not null,
    provider {{key}} not null,
    at       {{int}} not null,
    visit_id {{key}} not null,
    detail   {{bytes}} not null, -- sealed
    expires  {{int}} not null,
    primary key (pool_id, provider, at, visit_id)
) {{strict}};

create index provider_visits_by_expiry on provider_visits (expires);
