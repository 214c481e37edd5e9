-- Where the logs of a pool go; empty when nowhere.
alter table pools add column logs text not null default '';

-- Records of those logs that wait to be delivered.
create table log_records (
    pool_id   {{key}} not null,
    record_id {{key}} not null,
    source    {{key}} not null, -- userAuthEvents, userNotification
    record    text not null,    -- as it is delivered
    created   {{int}} not null,
    due       {{int}} not null, -- when it is tried next; a node that delivers it moves this ahead
    tries     {{int}} not null,
    primary key (pool_id, record_id)
) {{strict}};

create index log_records_by_due on log_records (due, pool_id, record_id);
