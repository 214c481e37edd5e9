-- The index of a group's members, with the generation that says which of them count. Without it, SQLite preferred to read all memberships of
-- the pool.
drop index memberships_by_group;

create index memberships_by_group on memberships (pool_id, group_name, user_id, generation);
