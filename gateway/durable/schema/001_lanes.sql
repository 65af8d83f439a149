-- A lane is the queue of one key (dossier code) to one system. Its head is the first message that the system does not
-- have yet; head > tail: nothing waits. The place in a lane is given under the lane's row lock, because a global serial
-- has gaps that a later message can overtake.
create table lanes (
    id bigint generated always as identity primary key,
    system text not null,
    key text not null,
    state text not null default 'open' check (state in ('open', 'parked')),
    head bigint not null default 1,
    tail bigint not null default 0,
    operation text,                       -- of the head; null: nothing waits
    head_state text not null default 'ready' check (head_state in ('ready', 'sending', 'unknown')),
    may_have_arrived boolean not null default false, -- the head was once of unknown outcome
    marked_at timestamptz,                -- database clock: when the head was last marked to be sent
    left_at timestamptz,                  -- database clock: when its last byte was last released, if that is known
    looks integer not null default 0,     -- how often asking did not find the head of unknown outcome
    resent integer not null default 0,
    attempts integer not null default 0,  -- failures that count against the head
    failures integer not null default 0,  -- failures in a row, of any kind: the back-off
    tried_at timestamptz,                 -- database clock: the head's last try
    due_at timestamptz,                   -- business clock; null: nothing waits
    held_until timestamptz,               -- database clock: the lease, or a rest
    held_by text,
    epoch bigint not null default 0,      -- rises at each claim, park, retry and edit; a write names it
    reason text,                          -- why it is parked, or why the head failed last
    parked_at timestamptz,
    unique (system, key)
) with (fillfactor = 45);
create index lanes_due on lanes (system, due_at) where state = 'open' and due_at is not null;
create index lanes_parked on lanes (system, parked_at) where state = 'parked';
create index lanes_held on lanes (held_until) where held_by is not null;

create table messages (
    lane bigint not null references lanes (id),
    seq bigint not null,
    operation text not null,
    caller text not null,
    request_id text not null,
    accepted_at timestamptz not null,     -- business clock
    body bytea not null,                  -- sealed: the query, and for which dossier and officer
    edited boolean not null default false,
    primary key (lane, seq)
);

create table outcomes (
    lane bigint not null,
    seq bigint not null,
    kind text not null check (kind in ('done', 'skipped', 'cancelled')),
    at timestamptz not null,              -- business clock
    reason text,
    answer bytea,                         -- sealed
    primary key (lane, seq),
    foreign key (lane, seq) references messages (lane, seq)
);

-- When an order of an operation last got through, in the database's clock: only then does a failure of another lane
-- count against its message.
create table passages (
    system text not null,
    operation text not null,
    through_at timestamptz not null,
    primary key (system, operation)
);

-- A case is what an order opened at the system, followed until it ends. Its id is that of its lane.
create table cases (
    id bigint primary key references lanes (id),
    system text not null,
    key text not null,
    caller text not null,
    state text not null,
    data bytea,                           -- sealed: the system's last answer, in canonical form
    source_id text,
    opened_at timestamptz not null,       -- business clock, as all but held_until
    changed_at timestamptz not null,
    looked_at timestamptz,
    due_at timestamptz,                   -- the law's time limit
    ended_at timestamptz,
    follow_at timestamptz,                -- null: not followed
    failures integer not null default 0,
    held_until timestamptz,               -- database clock
    held_by text,
    epoch bigint not null default 0,
    file_state text not null default 'none' check (file_state in ('none', 'wanted', 'kept', 'bad', 'withdrawn')),
    unique (system, key)
) with (fillfactor = 60);
create index cases_follow on cases (system, follow_at) where follow_at is not null;
create index cases_due on cases (system, due_at) where ended_at is null;

create table files (
    id bigint primary key references cases (id),
    media_type text not null,
    filename text not null,
    sha256 bytea not null,
    body bytea not null,                  -- sealed
    fetched_at timestamptz not null,
    delivered_at timestamptz
);

-- What happened to a key, oldest first: the history, the events and the notices to the portal are read from it.
create table events (
    id bigint generated always as identity primary key,
    system text not null,
    key text not null,
    at timestamptz not null,              -- business clock
    kind text not null,
    seq bigint,                           -- of the message that it is about
    detail jsonb not null default '{}',   -- words and codes, nothing personal
    data bytea                            -- sealed
);
create index events_of_key on events (system, key, id);

create table idempotency_keys (
    caller text not null,
    operation text not null,
    key text not null,
    body_hash bytea not null,
    lane bigint,
    seq bigint,
    answer bytea,                         -- sealed: the first answer
    created_at timestamptz not null,
    primary key (caller, operation, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

create table pauses (
    target text primary key,              -- connector.operation, or connector/upstream
    who text not null,
    why text not null,
    since timestamptz not null,
    until timestamptz
);
