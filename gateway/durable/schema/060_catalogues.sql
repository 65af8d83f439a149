-- oldest: 1
-- The versions of a source's catalogue, such as the procedures of the national portal.
create table catalogue_versions (
    name text not null,                   -- connector.operation
    number bigint not null,
    taken_at timestamptz not null,        -- business clock, as checked_at
    checked_at timestamptz not null,      -- when the source last had just this
    entries integer not null,
    added integer not null,
    changed integer not null,
    gone integer not null,
    primary key (name, number)
);

-- An entry as it was from the version first to the version last; last null: it is so now.
create table catalogue_entries (
    name text not null,
    code text not null,
    first bigint not null,
    last bigint,
    data jsonb not null,                  -- public: nothing in it is personal
    primary key (name, code, first)
);
create index catalogue_entries_now on catalogue_entries (name) where last is null;
