"""Orders, cases and notices in PostgreSQL: they survive the death of the gateway."""
