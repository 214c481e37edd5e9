-- A user's id is a name too, that of administrators, and no name may equal the id of another user. Whoever called himself so, to be taken
-- for the other one, loses the name: a username becomes the user's own id, an alias is none any longer.
delete from sign_in_names where exists (
    select 1 from users u
    where u.pool_id = sign_in_names.pool_id and u.user_id = sign_in_names.name and u.user_id <> sign_in_names.user_id
);

update users set username = user_id where not exists (
    select 1 from sign_in_names n where n.pool_id = users.pool_id and n.user_id = users.user_id and n.kind = 'username'
);

insert into sign_in_names (pool_id, name, kind, user_id)
select u.pool_id, u.user_id, 'username', u.user_id from users u where not exists (
    select 1 from sign_in_names n where n.pool_id = u.pool_id and n.user_id = u.user_id and n.kind = 'username'
);
