-- oldest: 1
-- Messages that a system gave when it was asked, by the hash of their content: a system that is never told gives them
-- again, also when the inbox has deleted or erased them meanwhile.
create table inbox_pulled (
    system text not null,
    digest bytea not null,
    seen_on date not null,                -- when it was last given, in Vietnam
    primary key (system, digest)
);
create index inbox_pulled_old on inbox_pulled (system, seen_on);
