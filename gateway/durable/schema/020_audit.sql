-- oldest: 1
-- Who looked at whom: a row for each personal look-up and each order. Each life of a gateway is a chain of its own: a
-- row's hash covers the row and the hash of the one before, so that a row that was changed, taken away or moved is found.
-- Rows are only added.
create table audit_records (
    chain uuid not null,
    number bigint not null,
    at timestamptz not null,
    kind text not null check (kind in ('begin', 'asked', 'gap', 'end')),
    caller text not null,
    officer text not null,
    dossier text not null,
    operation text not null,
    subject text not null,       -- keyed hash of whom the question is about, in hex
    identifiers text[] not null, -- keyed hashes of the numbers that name the person, each by itself
    outcome text not null,
    freshness text not null,
    request_id text not null,
    missing bigint not null,     -- of a gap: how many records could not be kept
    detail text not null,
    salt bytea not null,
    leaf bytea not null,         -- hash of salt and row: a later proof can stand on it alone
    hash bytea not null,
    primary key (chain, number)
);
create index audit_records_subject on audit_records (subject, at);
create index audit_records_identifiers on audit_records using gin (identifiers);

create function audit_records_are_kept() returns trigger language plpgsql as $$
begin
    raise exception 'rows of audit_records are only added';
end
$$;
create trigger audit_records_are_kept before update or delete on audit_records
    for each row execute function audit_records_are_kept();
create trigger audit_records_are_kept_whole before truncate on audit_records
    for each statement execute function audit_records_are_kept();

-- The end of each chain. The first row of a later chain names the ends that no row has named yet, so that a chain that
-- lost its last rows, or was taken away whole, is missed.
create table audit_chains (
    chain uuid primary key,
    gateway text not null,
    began_at timestamptz not null,
    number bigint not null,
    hash bytea not null,
    named bigint not null default 0
);
create index audit_chains_not_named on audit_chains (chain) where named < number;
