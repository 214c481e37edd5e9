-- The audit log: what administrators did. A row is written in the transaction of the act that it tells of.
create table acts (
    at        {{int}} not null,
    act_id    {{key}} not null,
    actor     {{key}} not null, -- an access key, or cli:<user of the machine>
    account   {{key}} not null,
    operation {{key}} not null,
    pool      {{key}} not null, -- a user pool or an identity pool; empty: none
    user_id   {{key}} not null, -- the sub; empty: no user
    username  {{key}} not null,
    source    text not null,    -- address, or name of the machine
    request   text not null,
    outcome   text not null,    -- OK, or the name of an exception
    detail    text not null,    -- JSON: parameters, before, after; without secrets
    primary key (at, act_id)
) {{strict}};

create unique index acts_by_id on acts (act_id);
create index acts_by_pool on acts (pool, at, act_id);
