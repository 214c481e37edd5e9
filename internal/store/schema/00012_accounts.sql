-- The account that a pool or an access key belongs to. Empty where it was stored before accounts were known, or by a node that does not
-- know them: then the ARN of the pool tells, and a key belongs to the account that the server is set to.
alter table pools add column account_id text not null default '';
alter table access_keys add column account_id text not null default '';
