"""The machine under the services: matching, faults on the wire, journal, tokens, virtual clock, administration."""
