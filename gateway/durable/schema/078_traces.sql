-- oldest: 1
-- The span in which the order that opened a case was accepted (W3C traceparent); null: it was not traced.
alter table cases add column trace text;
