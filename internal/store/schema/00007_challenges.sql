-- What a sign-in by custom challenges carries from one step to the next and is too large for its session. Each row is written once,
-- and is of no use when its time is over.
create table challenges (
    pool_id {{key}} not null,
    user_id {{key}} not null, -- empty for a user who does not exist
    id      {{key}} not null,
    state   {{bytes}} not null, -- sealed
    expires {{int}} not null,
    primary key (pool_id, user_id, id)
) {{strict}};

create index challenges_by_expiry on challenges (expires);
