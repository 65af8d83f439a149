-- oldest: 1
-- What gateways without Redis tell each other for some seconds, such as the state of their circuit breakers. Sealed;
-- not in the log of PostgreSQL, because nothing is lost with it.
create unlogged table facts (
    kind text not null,
    name text not null,                   -- of the process that told it
    value bytea not null,
    told_at timestamptz not null default clock_timestamp(),
    primary key (kind, name)
) with (fillfactor = 50);
