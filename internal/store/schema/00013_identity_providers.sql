-- Identity providers of pools.
create table identity_providers (
    pool_id  {{key}} not null,
    name     {{key}} not null,
    version  {{int}} not null,
    settings text not null,
    metadata text not null, -- of SAML providers: the document, as it was fetched or given
    fetched  {{int}} not null, -- when it was; 0 for a document that was given
    primary key (pool_id, name)
) {{strict}};

-- Other names of providers, each unique in its pool.
create table provider_identifiers (
    pool_id    {{key}} not null,
    identifier {{key}} not null,
    provider   {{key}} not null,
    primary key (pool_id, identifier)
) {{clustered}};

create index provider_identifiers_by_provider on provider_identifiers (pool_id, provider);

-- Accounts at identity providers and the users they lead to. The primary key is what makes one account lead to one user.
create table identities (
    pool_id   {{key}} not null,
    provider  {{key}} not null,
    attribute {{key}} not null, -- Cognito_Subject, or the attribute that an account is recognized by until it signs in
    value     {{key}} not null,
    user_id   {{key}} not null,
    primary key (pool_id, provider, attribute, value)
) {{clustered}};

create index identities_by_user on identities (pool_id, user_id);

alter table users add column identities text not null default '[]';
