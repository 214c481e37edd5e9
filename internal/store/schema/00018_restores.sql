-- Pools that are being restored from an archive. Their rows are written before the pool itself, which makes them visible all at once.
create table restores (
    pool_id {{key}} not null primary key,
    token   {{key}} not null, -- of the process that writes the rows
    touched {{int}} not null  -- when it last did
) {{strict}};
