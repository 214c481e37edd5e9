-- The marks of changes, by which a commit whose answer was lost is settled (postgres_settle.go). SQLite, whose answers are not lost,
-- leaves none. An id begins with its time.
create table commits (
    id   {{key}} not null primary key,
    kept {{bool}} not null -- false: put there by somebody who found no row of the change
) {{clustered}};
