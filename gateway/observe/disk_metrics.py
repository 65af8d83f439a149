"""Metrics of the disks that the gateway writes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.observe.collectors import ReadGroup
from gateway.observe.metrics import Metrics

Bytes = Callable[[], Mapping[tuple[str, ...], float]]


def watch_disks(metrics: Metrics, free: Bytes, size: Bytes) -> None:
    """Lets the two tell of each disk by its folder, as seen every ten seconds."""
    which = "the disk of the state folder (state), and of the gateway's own PostgreSQL (postgres) where it has another"
    for name, text, read in (
        ("lgsp_disk_free_bytes", f"What the gateway may still write to {which}.", free),
        ("lgsp_disk_size_bytes", f"Size of {which}.", size),
    ):
        metrics.registry.register(ReadGroup(name, text, ("folder",), read))
