-- oldest: 1
-- Upstreams that an operator has isolated, or whose maintenance is announced: every gateway reads them each second.
create table isolations (
    id bigint generated always as identity primary key,
    connector text not null,
    upstream text not null,
    kind text not null,
    who text not null,
    why text not null,
    starts timestamptz not null,
    ends timestamptz not null,
    released_at timestamptz
);
create index isolations_open on isolations (ends) where released_at is null;

-- What every gateway does once as soon as it hears of it; a row lives for some minutes. A subject may be a person.
create table operator_news (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    what text not null,
    connector text not null,
    name text not null,
    subject bytea
);
create index operator_news_at on operator_news (at);
