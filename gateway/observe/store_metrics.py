"""Metrics of a deployment with a store: orders in their lanes, the inbox, streams of events, the record of look-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import Gauge

from gateway.observe.collectors import ReadCount, ReadGroup
from gateway.observe.metrics import Metrics


def watch_store(
    metrics: Metrics, up: Callable[[], bool], oldest_transaction_s: Callable[[], float], size: Callable[[], int]
) -> None:
    """Lets them say whether the store is well, the age of its oldest open transaction in seconds, and its bytes."""
    Gauge("lgsp_store_up", "1 while the store can be used, 0 while it can't.", registry=metrics.registry).set_function(
        lambda: float(up())
    )
    Gauge(
        "lgsp_store_oldest_transaction_seconds",
        "Age of the oldest open transaction in the store's database, as seen every two seconds.",
        registry=metrics.registry,
    ).set_function(oldest_transaction_s)
    Gauge(
        "lgsp_store_size_bytes", "Size of the store's database, as seen every ten seconds.", registry=metrics.registry
    ).set_function(size)


def watch_lanes(
    metrics: Metrics,
    lanes: Callable[[], Mapping[tuple[str, ...], float]],
    oldest_s: Callable[[], Mapping[tuple[str, ...], float]],
    unconfirmed: Callable[[], Mapping[tuple[str, ...], float]],
    overdue: Callable[[], Mapping[tuple[str, ...], float]],
    paused: Callable[[], Mapping[tuple[str, ...], float]],
) -> None:
    """Lets the five tell of orders that wait and of cases that are late, as counted every ten seconds."""
    for name, text, labels, read in (
        ("lgsp_lanes", "Dossiers with an order that the system does not have.", ("system", "state"), lanes),
        ("lgsp_lane_oldest_seconds", "Age of the order that waits longest.", ("system",), oldest_s),
        (
            "lgsp_orders_unconfirmed",
            "Orders accepted here that the system does not have, by the age of their dossier's oldest.",
            ("system", "age"),
            unconfirmed,
        ),
        ("lgsp_overdue_applications", "Cases past the time limit of the law.", ("system",), overdue),
        ("lgsp_paused", "1 while the orders of the target are paused.", ("target",), paused),
    ):
        metrics.registry.register(ReadGroup(name, text, labels, read))


def watch_inbox(
    metrics: Metrics,
    waiting: Callable[[], Mapping[tuple[str, ...], float]],
    oldest_s: Callable[[], Mapping[tuple[str, ...], float]],
    files: Callable[[], Mapping[tuple[str, ...], float]],
    pulled_s: Callable[[], Mapping[tuple[str, ...], float]],
    unread: Callable[[], Mapping[tuple[str, ...], float]],
) -> None:
    """Lets them tell of messages that were not acknowledged, and of systems that are asked, each ten seconds."""
    for name, text, labels, read in (
        ("lgsp_inbox_waiting", "Messages that the province's system has not acknowledged.", ("system",), waiting),
        ("lgsp_inbox_oldest_seconds", "Age of the oldest of them.", ("system",), oldest_s),
        ("lgsp_inbox_files", "Files of them that are not here.", ("system", "state"), files),
        (
            "lgsp_inbox_pulled_seconds",
            "Since all that an asked system had was kept.",
            ("system",),
            pulled_s,
        ),
        (
            "lgsp_inbox_unread",
            "Messages that could not be read: kept as they came and not acknowledged, or left with the asked system.",
            ("system", "state"),
            unread,
        ),
    ):
        metrics.registry.register(ReadGroup(name, text, labels, read))


def watch_streams(metrics: Metrics, open_now: Callable[[], int]) -> None:
    """Lets *open_now* say how many streams of events are open."""
    Gauge("lgsp_event_streams", "Streams of events that portals keep open.", registry=metrics.registry).set_function(
        open_now
    )


def watch_audit(metrics: Metrics, missing: Callable[[], int], gaps: Callable[[], int]) -> None:
    """Lets the two say how many look-ups were not recorded, and how many records say so."""
    for name, text, read in (
        ("lgsp_audit_missing_records", "Look-ups and orders that are not in the record of look-ups.", missing),
        ("lgsp_audit_gap_records", "Records that say how many before them are missing.", gaps),
    ):
        counter = ReadCount(name, text)
        counter.read = read
        metrics.registry.register(counter)
