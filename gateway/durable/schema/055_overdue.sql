-- oldest: 1
-- A case that is past the time limit of the law is told of once.
alter table cases add column overdue_told boolean not null default false;
create index cases_overdue on cases (due_at) where ended_at is null and not overdue_told;
