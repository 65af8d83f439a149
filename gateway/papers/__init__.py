"""Checks papers that a source issued, each read in a process of its own."""
