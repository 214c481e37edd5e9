-- Devices that users have confirmed. A key that was issued and never confirmed has no row.
create table devices (
    pool_id       {{key}} not null,
    user_id       {{key}} not null,
    device_key    {{key}} not null,
    name          text not null,
    remembered    {{bool}} not null,
    verifier      {{bytes}} not null, -- sealed
    last_ip       text not null,
    created       {{int}} not null,
    modified      {{int}} not null,
    authenticated {{int}} not null,
    primary key (pool_id, user_id, device_key)
) {{strict}};
