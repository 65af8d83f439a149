-- oldest: 1
alter table inbox_pulls add column failing_since timestamptz; -- of the first failure since the last success
