-- Second factors of users.
alter table users add column factors {{bytes}}; -- sealed; null when the user has none
