"""Writes the client's models, questions, methods and exceptions from what the gateway declares.

The client itself imports nothing of the gateway; only this generator, which is not part of it, does.
"""
