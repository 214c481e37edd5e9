-- What users of pools with threat protection did.
create table auth_events (
    pool_id  {{key}} not null,
    user_id  {{key}} not null,
    event_id {{key}} not null,
    at       {{int}} not null,
    expires  {{int}} not null,
    detail   text not null,
    feedback text not null, -- empty when nobody gave any
    primary key (pool_id, user_id, event_id)
) {{clustered}};

create index auth_events_by_time on auth_events (pool_id, user_id, at, event_id);
create index auth_events_by_expiry on auth_events (expires);

-- Risk configurations; empty when there is none.
alter table pools add column risk text not null default '';
alter table clients add column risk text not null default '';
