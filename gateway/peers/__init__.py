"""Counts and states that several gateways of one deployment share."""
