"""Tries everything that a deployment needs, one after the other, and says in one sentence each what to do."""
