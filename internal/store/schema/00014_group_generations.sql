-- A membership counts when it has the generation of its group. So the members of a deleted group are gone at once, however many they are,
-- and stay gone when the name is used again; the rows are swept.
alter table pool_groups add column generation {{int}} not null default 0;
alter table memberships add column generation {{int}} not null default 0;

-- Groups that were deleted and whose memberships are still being removed, with the last generation.
create table deleted_groups (
    pool_id    {{key}} not null,
    group_name {{key}} not null,
    generation {{int}} not null,
    primary key (pool_id, group_name)
) {{clustered}};
