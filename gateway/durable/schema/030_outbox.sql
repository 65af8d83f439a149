-- oldest: 1
-- An event that webhooks have to be told of; it is put into their lanes after its commit. The gateways that have webhooks
-- say so in their connections (lgsp.outbox), whatever statement adds an event.
alter table events add column outbox boolean not null default coalesce(current_setting('lgsp.outbox', true), '') = 'on';
create index events_outbox on events (id) where outbox;
