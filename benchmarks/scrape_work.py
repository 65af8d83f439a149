"""Measures one scrape of a gateway in which everything has happened: every metric with every combination of its labels.

``python -m benchmarks.scrape_work --times 20`` prints JSON: the number of series, and the milliseconds of each scrape
in both formats, by prometheus_client's own writer, and of making one of what two workers say. Run by
``benchmarks/paths/scrape.py``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Final, get_args

from prometheus_client.exposition import choose_encoder

from benchmarks.processes import ROOT
from gateway.api.reasons_of_systems import SYSTEMS
from gateway.api.reasons_of_the_gateway import GATEWAY
from gateway.core.events import (
    DRIFT_KINDS,
    INBOUND_RESULTS,
    MACHINE_REASONS,
    REFUSALS,
    Attempted,
    BreakerMoved,
    BreakerState,
    CacheAsked,
    CredentialsRefused,
    DriftSeen,
    Event,
    InboundAnswered,
    MachineFailed,
    NotAsked,
    QuotaMoved,
    Refreshed,
    RequestFinished,
    Retried,
    RetryBudgetMoved,
    ServedStale,
    SharedCacheUsed,
    TokenRenewed,
)
from gateway.core.health import Health
from gateway.observe.metrics import Metrics
from gateway.observe.service_level import outcomes
from gateway.registry import Plan, plan
from gateway.settings import load
from gateway.workers.merging import Exposition, merged

CALLERS: Final = ("portal", "reports", "one_stop_shop")
CACHE: Final = ("hit", "replayed", "stale", "miss", "collapsed", "absent")
ENDS: Final = ("ok", "no_record", *SYSTEMS)
BEGAN: Final = datetime(2026, 11, 24, tzinfo=UTC)
OPENMETRICS: Final = "application/openmetrics-text; version=1.0.0"


def of_requests(planned: Plan) -> Iterator[Event]:
    """Everything that can be told of the requests for each operation, by each caller."""
    for connector, operation in {(one.connector.name, one.operation.name) for one in planned.operations}:
        for outcome, caller in product(outcomes(), CALLERS):
            yield RequestFinished(connector, operation, caller, outcome, 0.012, 0.01)
        for result in CACHE:
            yield CacheAsked(connector, operation, result, 3.0)
        for end in ENDS:
            yield ServedStale(connector, operation, end)
            yield Refreshed(connector, operation, end)


def of_exchanges(planned: Plan) -> Iterator[Event]:
    """Everything that can be told of the exchanges with each upstream."""
    for one in planned.operations:
        names = (one.connector.name, one.upstream.name, one.operation.name)
        yield Retried(*names)
        for end in ENDS:
            yield Attempted(*names, end, 0.03)
    for up in planned.upstreams:
        pair = (up.connector, up.name)
        for state in get_args(BreakerState):
            yield BreakerMoved(*pair, state, "failures")
        for end in ENDS:
            yield TokenRenewed(*pair, end)
        for reason in GATEWAY:
            yield NotAsked(*pair, reason)
        for reason in REFUSALS:
            yield CredentialsRefused(*pair, reason)
        for kind in DRIFT_KINDS:
            yield DriftSeen(*pair, kind)
        yield QuotaMoved(*pair, 10_000, 20_000)
        yield RetryBudgetMoved(*pair, 10)


def of_the_machine(planned: Plan) -> Iterator[Event]:
    """The rest: what systems push, the shared cache, and what this machine lacked."""
    for reason in MACHINE_REASONS:
        yield MachineFailed(reason)
    for result in ("hit", "miss", "error", "written", "dropped"):
        yield SharedCacheUsed(result)
    for connector, kind, result in product(planned.connectors, ("dossier", "result", "status"), INBOUND_RESULTS):
        yield InboundAnswered(connector.name, kind, result)


def filled() -> Metrics:
    """The metrics of the laptop's six systems, after everything."""
    planned = plan(load(ROOT / "config" / "laptop.yaml"))
    metrics = Metrics("1", "f" * 12)
    names = [(up.connector, up.name) for up in planned.upstreams]
    metrics.expect([(one.connector.name, one.operation.name) for one in planned.operations], names)
    for told in (of_requests, of_exchanges, of_the_machine):
        metrics.receive(list(told(planned)))
    for pair in names:
        metrics.upstreams.watch_bulkhead(pair, lambda: 3, lambda: 0)
        metrics.upstreams.watch_token(pair, lambda: 12.5)
        metrics.upstreams.watch_certificate(pair, lambda: 1_800_000_000.0)
    metrics.watch_upstreams(lambda: [(pair, Health("failing", BEGAN, "timeout")) for pair in names])
    metrics.watch_cache(lambda: 100, lambda: 100_000, lambda: 0)
    return metrics


def milliseconds(scrape: Callable[[], object]) -> float:
    """The milliseconds of CPU time of one call: other work of the machine is none of it."""
    began = time.process_time()
    scrape()
    return (time.process_time() - began) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    times = parser.parse_args().times
    metrics = filled()
    text = metrics.exposition("")[0].decode()
    scrapes: dict[str, Callable[[], object]] = {
        "text": lambda: metrics.exposition(""),
        "openmetrics": lambda: metrics.exposition(OPENMETRICS),
        "library": lambda: choose_encoder("")[0](metrics.registry),
        "workers": lambda: merged([Exposition(text), Exposition(text)], {}),
    }
    found: dict[str, list[float]] = {name: [] for name in scrapes}
    for _ in range(times):
        for name, scrape in scrapes.items():
            found[name].append(milliseconds(scrape))
    told = {"series": sum(not line.startswith("#") for line in text.splitlines()), "kib": len(text) / 1024, **found}
    print(json.dumps(told))


if __name__ == "__main__":
    main()
