-- oldest: 1
-- One row about the store itself.
create table store_state (
    one boolean primary key default true check (one),
    id uuid not null default gen_random_uuid(),
    generation bigint not null default 1, -- rises when an operator has said that a restored store may send again
    restored_since timestamptz            -- found to be restored from a backup: nothing is sent
);
insert into store_state default values;

-- How often each gateway has marked heads to be sent; the same numbers are kept outside, in the gateway's state folder.
-- A row that is behind its number outside was restored from a backup.
create table store_turns (
    gateway uuid primary key,
    turns bigint not null default 0,
    marked_at timestamptz not null default clock_timestamp()
);

-- After a restore every message up to this place may have arrived already: as a head it is asked for before it is sent.
alter table lanes add column ask_until bigint not null default 0;

-- A file that was deleted after its time is not fetched again.
alter table cases drop constraint cases_file_state_check;
alter table cases add constraint cases_file_state_check
    check (file_state in ('none', 'wanted', 'kept', 'bad', 'withdrawn', 'expired'));

create index files_delivered on files (delivered_at) where delivered_at is not null;
