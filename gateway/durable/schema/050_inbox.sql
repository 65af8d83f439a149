-- oldest: 1
-- A message that a system pushed to the province, kept before it is answered. Numbers are given under the inbox's lock,
-- so that they rise in the sequence of the commits: who has read one has missed none before it.
create table inbox (
    id bigint generated always as identity primary key,
    system text not null,
    kind text not null,
    code text not null,                   -- the dossier's, as the sender names it
    body_hash bytea not null,             -- of the content: an equal message gets the first answer
    revision integer not null,            -- 1: the first message of this system, kind and code
    caller text not null,
    request_id text not null,
    received_at timestamptz not null,     -- business clock, as all but held_until
    body bytea not null,                  -- sealed: the message without its files
    answer text not null,                 -- the first answer: codes, nothing personal
    acknowledged_at timestamptz,
    acknowledged_by text,
    unique (system, kind, code, body_hash)
);
create index inbox_waiting on inbox (id) where acknowledged_at is null;
create index inbox_codes on inbox (code, id);
create index inbox_ended on inbox (acknowledged_at) where acknowledged_at is not null;

-- The province's own code of a dossier beside the sender's.
create table dossier_codes (
    system text not null,
    national_code text not null,
    dossier_code text not null,
    linked_at timestamptz not null,
    linked_by text not null,
    primary key (system, national_code)
);
create index dossier_codes_own on dossier_codes (dossier_code);

-- A file of a message. One that came with it is checked at once; one that is named by its address is fetched later.
create table inbox_files (
    inbox bigint not null references inbox (id),
    number integer not null,
    state text not null check (state in ('waiting', 'kept', 'refused', 'missing')),
    reason text,                          -- why it is not kept
    info bytea not null,                  -- sealed: its name, component and address
    media_type text,
    size bigint,
    sha256 bytea,
    body bytea,                           -- sealed
    due_at timestamptz,
    failures integer not null default 0,
    held_until timestamptz,               -- database clock
    held_by text,
    epoch bigint not null default 0,      -- rises at each claim and retry; a write names it
    primary key (inbox, number)
);
create index inbox_files_due on inbox_files (due_at) where state = 'waiting';
create index inbox_files_lost on inbox_files (inbox) where state in ('refused', 'missing');

-- A result that the province gives by a link to the systems that it told of it.
create table result_files (
    id uuid primary key,
    caller text not null,
    dossier_code text not null,
    filename text not null,
    media_type text not null,
    sha256 bytea not null,
    body bytea not null,                  -- sealed
    signature bytea not null,             -- sealed: what the link has beside the id
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index result_files_end on result_files (expires_at);
create unique index result_files_same on result_files (caller, dossier_code, filename, sha256);
