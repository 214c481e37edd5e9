-- Sessions of browsers as those of tokens have been: they can be listed and revoked where the pool tracks sessions. Empty and 0 elsewhere, and
-- where a node stored one that does not know the columns.
alter table browser_sessions add column session_id {{key}} not null default '';
alter table browser_sessions add column created {{int}} not null default 0;
alter table browser_sessions add column last_used {{int}} not null default 0;
alter table browser_sessions add column ip text not null default '';
alter table browser_sessions add column device text not null default '';

-- The session of the browser that a session came through; empty: none.
alter table sessions add column browser_id {{key}} not null default '';
