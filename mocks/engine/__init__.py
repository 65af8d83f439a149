"""The common parts of all services: matching, faults on the wire, journal, tokens, virtual clock, administration."""
