-- How many requests a second an account may send in a region, by the category of the operations; where nobody has set a limit, there is none.
create table provisioned_limits (
    account_id {{key}} not null,
    region     {{key}} not null,
    category   {{key}} not null,
    value      {{int}} not null, -- requests per second
    primary key (account_id, region, category)
) {{strict}};
