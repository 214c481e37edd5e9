-- Imports of users from files.
create table user_imports (
    pool_id    {{key}} not null,
    job_id     {{key}} not null,
    account_id {{key}} not null,
    name       text not null,
    role       text not null,
    algorithm  text not null, -- of the hashes in the file; empty when there are none
    status     {{key}} not null,
    message    text not null,
    created    {{int}} not null,
    started    {{int}} not null, -- 0: not yet
    completed  {{int}} not null, -- 0: not yet
    imported   {{int}} not null,
    skipped    {{int}} not null,
    failed     {{int}} not null,
    lines      {{int}} not null, -- of the file that are done
    upload     {{key}} not null, -- the file; empty: none was uploaded
    lease      {{key}} not null, -- of the node that works on it
    leased     {{int}} not null, -- until when
    primary key (pool_id, job_id)
) {{strict}};

create index user_imports_by_age on user_imports (pool_id, created, job_id);
create index user_imports_by_status on user_imports (status, leased, pool_id, job_id);

-- The files, in parts. They go when their job ends.
create table user_import_parts (
    pool_id {{key}} not null,
    job_id  {{key}} not null,
    upload  {{key}} not null,
    part    {{int}} not null,
    content {{bytes}} not null,
    primary key (pool_id, job_id, upload, part)
) {{strict}};

-- What became of each line, some lines in a row.
create table user_import_logs (
    pool_id {{key}} not null,
    job_id  {{key}} not null,
    line    {{int}} not null, -- the first
    content text not null,
    primary key (pool_id, job_id, line)
) {{strict}};
