"""Hồ sơ một cửa: what all portals that take a one-stop shop's dossiers do alike, national and ministries'.

A service beside the others may rest on this as on the engine; services still do not know each other.
"""
