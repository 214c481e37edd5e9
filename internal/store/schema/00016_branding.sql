-- Looks of the classic sign-in pages: of all clients of a pool, and of single ones.
create table ui_customizations (
    pool_id    {{key}} not null,
    client_id  {{key}} not null, -- ALL for those without their own
    settings   text not null,
    image      {{bytes}},        -- the logo; null for none
    image_type text not null,    -- its media type
    primary key (pool_id, client_id)
) {{strict}};

-- Styles of managed login, one for a client.
create table login_brandings (
    pool_id     {{key}} not null,
    client_id   {{key}} not null,
    branding_id {{key}} not null,
    settings    text not null,
    primary key (pool_id, client_id)
) {{strict}};

create unique index login_brandings_by_id on login_brandings (pool_id, branding_id);

-- Documents that people agree to when they sign up with a client.
create table terms (
    pool_id   {{key}} not null,
    client_id {{key}} not null,
    name      {{key}} not null, -- terms-of-use, privacy-policy
    terms_id  {{key}} not null,
    settings  text not null,
    primary key (pool_id, client_id, name)
) {{strict}};

create unique index terms_by_id on terms (pool_id, terms_id);
