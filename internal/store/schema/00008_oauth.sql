-- Authorization codes. A used one is kept until it expires: a second use ends what the first gave.
create table authorization_codes (
    pool_id    {{key}} not null,
    hash       {{key}} not null,   -- of the code
    grant_data {{bytes}} not null, -- sealed
    origin_jti text not null,      -- of the tokens that it gives
    used       {{bool}} not null,
    expires    {{int}} not null,
    primary key (pool_id, hash)
) {{strict}};

create index authorization_codes_by_expiry on authorization_codes (expires);

-- Browsers in which a user has signed in by the pages: hashes of their cookies.
create table browser_sessions (
    pool_id {{key}} not null,
    hash    {{key}} not null,
    user_id {{key}} not null,
    state   {{bytes}} not null, -- sealed
    expires {{int}} not null,
    primary key (pool_id, hash)
) {{strict}};

create index browser_sessions_by_user on browser_sessions (pool_id, user_id);
create index browser_sessions_by_expiry on browser_sessions (expires);
