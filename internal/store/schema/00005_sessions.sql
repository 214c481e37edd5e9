-- Sign-ins of pools that track sessions, and what such pools and their clients set.
create table sessions (
    pool_id    {{key}} not null,
    user_id    {{key}} not null,
    session_id {{key}} not null,
    client_id  {{key}} not null,
    origin_jti {{key}} not null,
    created    {{int}} not null,
    last_used  {{int}} not null,
    ip         text not null,
    device     text not null,
    expires    {{int}} not null,
    primary key (pool_id, user_id, session_id)
) {{clustered}};

create index sessions_by_expiry on sessions (expires);

alter table pools add column sessions text not null default '{}';
alter table clients add column sessions text not null default '{}';
