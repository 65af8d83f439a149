"""The faults that roll over the country, one after the other, with calm between two rounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

HALF: Final = 0.5
"""Share of the exchanges that a fault meets; the others are answered well."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What the country does for a while; *fault* as ``/__mock/faults`` takes it."""

    name: str
    fault: Mapping[str, Any] | None = None
    probability: float = HALF

    def plan(self) -> list[dict[str, Any]]:
        """The plan of faults."""
        if self.fault is None:
            return []
        return [{"system": "*", "probability": self.probability, "seed": 7, "fault": dict(self.fault)}]


CALM: Final = Weather("calm")
ROLLING: Final = (
    Weather("20 MB bodies", {"kind": "huge_body", "megabytes": 20}),
    Weather("slow", {"kind": "latency", "seconds": 1.5}),
    Weather("gzip bombs of 1 GB", {"kind": "gzip_bomb", "megabytes": 1024}),
    Weather("503", {"kind": "status", "status": 503}, probability=0.9),
    Weather("deep JSON and XML", {"kind": "deep_json", "depth": 100_000}),
    Weather("cut off in the body", {"kind": "reset_mid_body"}),
    Weather("many elements", {"kind": "many_elements", "count": 500_000}),
    Weather("hanging", {"kind": "hang"}, probability=0.3),
    Weather("page for people", {"kind": "html_page"}),
    Weather("malformed", {"kind": "malformed"}),
    Weather("one byte at a time", {"kind": "dribble", "bytes_per_second": 2.0}, probability=0.3),
    Weather("tokens expired", {"kind": "token_expired"}),
    Weather("another's record", {"kind": "wrong_record"}),
    Weather("closed before the answer", {"kind": "reset_before"}),
    CALM,
)
