-- APIs whose scopes clients can be allowed.
create table resource_servers (
    pool_id    {{key}} not null,
    identifier {{key}} not null,
    settings   text not null,
    primary key (pool_id, identifier)
) {{strict}};

-- Names under which pools serve their pages. A name belongs to one pool of the server; a pool has one of each kind.
create table domains (
    domain   {{key}} not null primary key,
    pool_id  {{key}} not null,
    kind     {{key}} not null, -- prefix, custom
    settings text not null
) {{strict}};

create unique index domains_by_pool on domains (pool_id, kind);

-- Keys with which a pool speaks SAML, and the certificates that identity providers know them by.
create table saml_keys (
    pool_id     {{key}} not null,
    key_use     {{key}} not null,   -- sign, encrypt
    private_key {{bytes}} not null, -- sealed PKCS #8
    certificate {{bytes}} not null, -- DER
    created     {{int}} not null,   -- when the certificate was issued
    primary key (pool_id, key_use)
) {{strict}};
