"""The answers of this dialect: those of ``ngsp``, whose names are the elements [S]."""

from __future__ import annotations

from gateway.connectors.criminal_records.ngsp.wire import WireAnswer, WireChanges, WireStatus, WireSubmitted

__all__ = ["WireAnswer", "WireChanges", "WireStatus", "WireSubmitted"]
