-- oldest: 1
-- The day's quotas, for gateways that start without Redis and without a state folder. A row an upstream and day.
create table quota_days (
    name text not null,                   -- connector.upstream
    day date not null,                    -- in Vietnam
    taken bigint not null default 0,      -- how far the ledger of all had counted: both only rise
    returned bigint not null default 0,
    held integer not null default 0,      -- taken from that ledger, and given to nobody so far
    primary key (name, day)
);
