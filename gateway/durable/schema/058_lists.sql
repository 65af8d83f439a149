-- oldest: 1
alter table messages
    add column form text,                 -- as the dialect chose it before the message first went
    add column sort text collate "C",     -- its place among the messages of its operation; null: as accepted
    add column same bytea;                -- equal for equal orders; a hash

alter table lanes
    add column left_before boolean not null default true, -- a message of the lane has left, or may have left
    add column list_most integer,         -- the head goes in lists of so many at most; null: of any length
    add column copies boolean not null default false,     -- a copy that left may still arrive and overwrite
    add column read_back boolean not null default false;  -- the head has arrived; the system is asked once more
alter table lanes alter column left_before set default false; -- of a lane that was there before nothing is proven
alter table lanes drop constraint lanes_state_check;
alter table lanes add constraint lanes_state_check check (state in ('open', 'parked', 'held'));
create index lanes_not_due on lanes (system) where state = 'held';

-- Systems of which lanes were deleted after their time: that a key has no lane proves nothing there.
create table lanes_forgotten (
    system text primary key,
    since timestamptz not null default clock_timestamp()
);
