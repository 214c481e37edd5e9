-- Identity pools: settings, roles and principal tags as one document.
create table identity_pools (
    identity_pool_id {{key}} not null primary key,
    region           {{key}} not null,
    account_id       {{key}} not null,
    version          {{int}} not null,
    settings         text not null
) {{strict}};

create index identity_pools_by_account on identity_pools (account_id, region, identity_pool_id);

-- Identities: what a login, a developer's user or a guest is known as.
create table pool_identities (
    identity_id      {{key}} not null primary key,
    identity_pool_id {{key}} not null,
    disabled         {{bool}} not null,
    created          {{int}} not null,
    modified         {{int}} not null
) {{strict}};

create index pool_identities_by_pool on pool_identities (identity_pool_id, identity_id);

-- What leads to an identity: the subject of a login provider, or the identifier of a developer's user. The primary key is what makes one
-- identity of one login.
create table pool_identity_logins (
    identity_pool_id {{key}} not null,
    provider         {{key}} not null,
    subject          {{key}} not null,
    identity_id      {{key}} not null,
    primary key (identity_pool_id, provider, subject)
) {{clustered}};

create index pool_identity_logins_by_identity on pool_identity_logins (identity_id, provider, subject);

-- Temporary credentials that this server has vended.
create table vended_keys (
    id          {{key}} not null primary key,
    secret      {{bytes}} not null, -- sealed by the master key, with the session token
    role_arn    text not null,
    identity_id text not null,
    expires     {{int}} not null
) {{strict}};

create index vended_keys_by_expiry on vended_keys (expires);
