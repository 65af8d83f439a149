"""Hồ sơ một cửa: the common parts of all portals that take a one-stop shop's dossiers, national and ministries'.

A service may import this package like the engine; services must not import each other.
"""
