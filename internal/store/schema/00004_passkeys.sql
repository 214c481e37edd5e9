-- Passkeys of users. They hold no secret: a public key, and what the authenticator told of itself, as JSON. Ids are base64url.
create table passkeys (
    pool_id       {{key}} not null,
    credential_id {{key}} not null,
    user_id       {{key}} not null,
    party_id      text not null,
    name          text not null,
    credential    text not null,
    created       {{int}} not null,
    primary key (pool_id, credential_id)
) {{strict}};

create index passkeys_by_user on passkeys (pool_id, user_id, created, credential_id);

-- Registrations of passkeys that have begun.
create table passkey_challenges (
    pool_id   {{key}} not null,
    user_id   {{key}} not null,
    client_id text not null,
    challenge {{bytes}} not null,
    expires   {{int}} not null,
    primary key (pool_id, user_id)
) {{strict}};

create index passkey_challenges_by_expiry on passkey_challenges (expires);
