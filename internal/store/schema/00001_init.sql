-- Tokens in double braces become the database's own words (tokens in sqlite.go and postgres.go):
--   key        text that is compared, sorted or unique: by byte, on both
--   int        64-bit integer; times are microseconds since 1970, UTC
--   bool       boolean
--   bytes      binary
--   strict     end of a table definition
--   clustered  the same, rows kept in the order of the primary key: for narrow rows that are read in ranges of it
-- Text that is only kept is plain text.

-- Facts about the whole server: the check value of the master key, and what the migrations leave for other programs.
create table meta (
    name  {{key}} not null primary key,
    value text not null
) {{strict}};

-- The oldest schema a program must know to work with this database. A migration that older programs cannot live with raises it.
insert into meta (name, value) values ('schema.oldest', '1');

-- Pools. What is configured is a document in the shape in which the API shows it; the version grows with each change of the
-- pool or its keys, and is what caches compare.
create table pools (
    pool_id  {{key}} not null primary key,
    version  {{int}} not null,
    settings text not null,
    mfa      text not null,
    data_key {{bytes}} not null -- wrapped by the master key; seals what is sealed below
) {{strict}};

-- Pools that were deleted and whose rows are still being removed.
create table deleted_pools (
    pool_id {{key}} not null primary key,
    deleted {{int}} not null
) {{strict}};

create table signing_keys (
    pool_id     {{key}} not null,
    key_id      {{key}} not null,
    key_use     {{key}} not null,   -- id, access
    private_key {{bytes}} not null, -- sealed PKCS #8
    created     {{int}} not null,
    retires     {{int}} not null,   -- 0: signs; else it verifies until then
    primary key (pool_id, key_id)
) {{strict}};

create table clients (
    pool_id   {{key}} not null,
    client_id {{key}} not null,
    version   {{int}} not null,
    settings  text not null,
    secrets   {{bytes}}, -- sealed
    primary key (pool_id, client_id)
) {{strict}};

-- A client id names its pool, so it is unique over all pools.
create unique index clients_by_id on clients (client_id);

create table pool_groups (
    pool_id     {{key}} not null,
    group_name  {{key}} not null,
    description text not null,
    role_arn    text not null,
    precedence  {{int}},
    created     {{int}} not null,
    modified    {{int}} not null,
    primary key (pool_id, group_name)
) {{strict}};

create table memberships (
    pool_id    {{key}} not null,
    user_id    {{key}} not null,
    group_name {{key}} not null,
    created    {{int}} not null,
    primary key (pool_id, user_id, group_name)
) {{clustered}};

create index memberships_by_group on memberships (pool_id, group_name, user_id);

create table users (
    pool_id    {{key}} not null,
    user_id    {{key}} not null, -- the sub
    username   {{key}} not null, -- as it was given; sign_in_names has the form that is unique
    status     {{key}} not null,
    enabled    {{bool}} not null,
    attributes text not null,
    pending    text not null,
    password   {{bytes}}, -- sealed
    sign_outs  {{int}} not null,
    signed_out {{int}} not null,
    created    {{int}} not null,
    modified   {{int}} not null,
    primary key (pool_id, user_id)
) {{strict}};

create index users_by_username on users (pool_id, username, user_id);
create index users_by_status on users (pool_id, status, user_id);
create index users_by_enabled on users (pool_id, enabled, user_id);

-- Every name that leads to a user: username, aliases, attributes that serve as the username. The primary key is what makes
-- names unique; they are folded where the pool ignores case.
create table sign_in_names (
    pool_id {{key}} not null,
    name    {{key}} not null,
    kind    {{key}} not null,
    user_id {{key}} not null,
    primary key (pool_id, name)
) {{clustered}};

create index sign_in_names_by_user on sign_in_names (pool_id, user_id);

-- Values of the attributes that users are searched by, folded.
create table user_search (
    pool_id   {{key}} not null,
    attribute {{key}} not null,
    value     {{key}} not null,
    user_id   {{key}} not null,
    primary key (pool_id, attribute, value, user_id)
) {{clustered}};

-- Outstanding one-time codes: hashes only.
create table codes (
    pool_id   {{key}} not null,
    user_id   {{key}} not null,
    purpose   {{key}} not null,
    attribute text not null,
    value     text not null,
    hash      {{bytes}} not null,
    expires   {{int}} not null,
    primary key (pool_id, user_id, purpose)
) {{strict}};

create index codes_by_expiry on codes (expires);

-- How often a user, or a name that no user has, did something of late.
create table counters (
    pool_id {{key}} not null,
    subject {{key}} not null,
    action  {{key}} not null,
    count   {{int}} not null,
    since   {{int}} not null,
    last    {{int}} not null,
    primary key (pool_id, subject, action)
) {{clustered}};

create index counters_by_last on counters (last);

-- What may be used once and was.
create table consumed (
    pool_id {{key}} not null,
    id      {{key}} not null,
    expires {{int}} not null,
    primary key (pool_id, id)
) {{clustered}};

create index consumed_by_expiry on consumed (expires);

-- Sign-ins whose tokens were revoked, by origin_jti.
create table revoked_origins (
    pool_id    {{key}} not null,
    origin_jti {{key}} not null,
    expires    {{int}} not null,
    primary key (pool_id, origin_jti)
) {{clustered}};

create index revoked_origins_by_expiry on revoked_origins (expires);

-- Refresh tokens that were replaced, and when first.
create table rotated (
    pool_id {{key}} not null,
    jti     {{key}} not null,
    at      {{int}} not null,
    expires {{int}} not null,
    primary key (pool_id, jti)
) {{clustered}};

create index rotated_by_expiry on rotated (expires);

-- Credentials of operators.
create table access_keys (
    id      {{key}} not null primary key,
    name    text not null,
    secret  {{bytes}} not null, -- sealed by the master key
    policy  text not null,      -- JSON, or empty
    created {{int}} not null
) {{strict}};
