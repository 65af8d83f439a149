"""The answers of this dialect: those of ``rest``, whose names are the elements [S]."""

from __future__ import annotations

from gateway.connectors.ministry_portals.rest.wire import WireDossiers, WireMessages
from gateway.dossiers.answers import WireAnswer

__all__ = ["WireAnswer", "WireDossiers", "WireMessages"]
