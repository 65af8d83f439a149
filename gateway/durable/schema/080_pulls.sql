-- oldest: 1
-- A system that is asked by the clock for what it has for the province. One gateway at a time holds a row.
create table inbox_pulls (
    system text primary key,
    due_at timestamptz not null,          -- business clock, as all but held_until
    reached date,                         -- the last day that was asked about, all of it
    pulled_at timestamptz,                -- when all that there was had been kept
    since timestamptz not null,           -- when it was first to be asked
    kept bigint not null default 0,       -- messages that were new
    left_out integer not null default 0,  -- of the last turn: those that could not be read
    failures integer not null default 0,
    reason text,                          -- why the last turn did not end well
    held_until timestamptz,               -- database clock
    held_by text,
    epoch bigint not null default 0       -- rises at each claim; a write names it
);
