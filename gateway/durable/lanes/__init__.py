"""The lanes: pure decisions over frozen values, and thin SQL around them."""
