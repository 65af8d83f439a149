-- oldest: 1
-- The record of operators' actions: each row has the hash of the one before, so that a row that was changed or taken
-- away is found. Rows are only added.
create table actions (
    id bigint primary key,
    at timestamptz not null,
    who text not null,
    what text not null,
    target text not null,
    why text not null,
    detail jsonb not null default '{}',
    previous bytea not null,
    hash bytea not null
);

create function actions_are_kept() returns trigger language plpgsql as $$
begin
    raise exception 'rows of actions are only added';
end
$$;
create trigger actions_are_kept before update or delete on actions
    for each row execute function actions_are_kept();
