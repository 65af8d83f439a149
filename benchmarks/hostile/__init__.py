"""Attacks on a running gateway: what another client and the machine's memory notice of each."""
