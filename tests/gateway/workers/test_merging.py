"""One exposition and one listing of what several workers say."""

from __future__ import annotations

import math
from typing import Any

import pytest
from prometheus_client import Histogram
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from gateway.core.events import Attempted, RequestFinished
from gateway.observe.catalogue import whole_catalogue
from gateway.observe.metrics import Metrics
from gateway.workers.merging import RULES, Exposition, add, merged, merged_listing

OPENMETRICS = "application/openmetrics-text"


def worker(requests: int, remaining: int = 10) -> Metrics:
    """The metrics of a worker that has answered so many requests."""
    metrics = Metrics("1", "abc")
    request = RequestFinished("register", "record", "portal", "ok", 0.02, 0.01)
    metrics.receive([request] * requests)
    metrics.receive([Attempted("register", "ws", "record", "ok", 0.01)])
    metrics.upstreams.watch_quota(("register", "ws"), lambda: remaining, lambda: 10)
    return metrics


def read(metrics: Metrics, accept: str = "") -> Exposition:
    """What the supervisor reads of a worker."""
    return Exposition(metrics.exposition(accept)[0].decode())


def value(text: str, series: str) -> float:
    """The value of one line."""
    (found,) = [line.rpartition(" ")[2] for line in text.splitlines() if line.startswith(f"{series} ")]
    return float(found)


REQUESTS = 'lgsp_requests_total{caller="portal",connector="register",operation="record",outcome="ok"}'
COUNT = 'lgsp_request_duration_seconds_count{connector="register",operation="record"}'


def test_counters_and_histograms_are_summed_and_gauges_of_states_are_not() -> None:
    """Two workers have answered three and four requests; each knows the same quota."""
    text = merged([read(worker(3, remaining=5)), read(worker(4, remaining=7))], {})

    assert (value(text, REQUESTS), value(text, COUNT)) == (7, 7)
    assert value(text, 'lgsp_quota_remaining{connector="register",upstream="ws"}') == 5
    assert value(text, 'lgsp_quota_limit{connector="register",upstream="ws"}') == 10
    assert value(text, 'lgsp_build_info{version="1"}') == 1


def test_one_configuration_that_all_workers_refuse_is_refused_once() -> None:
    """The level says that it is refused, and not by how many; a worker that has it is no comfort."""
    refusing, content = Metrics("1", "abc"), Metrics("1", "abc")
    refusing.configuration.reloaded("refused", "abc")

    assert value(merged([read(refusing), read(refusing)], {}), "lgsp_config_refused") == 1
    assert value(merged([read(content), read(refusing)], {}), "lgsp_config_refused") == 1
    assert value(merged([read(content), read(content)], {}), "lgsp_config_refused") == 0


def test_what_a_worker_that_has_ended_had_counted_stays() -> None:
    """No counter goes back when a worker is replaced, and none is counted twice."""
    ended: dict[str, dict[str, float]] = {}
    add(ended, read(worker(5)))
    add(ended, read(worker(6)))
    text = merged([read(worker(1)), read(worker(2))], ended)

    assert (value(text, REQUESTS), value(text, COUNT)) == (14, 14)
    assert value(text, 'lgsp_quota_remaining{connector="register",upstream="ws"}') == 10


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_the_merged_text_is_read_by_the_clients_own_parser(accept: str) -> None:
    """Every metric of the catalogue is in it once, of the same kind as in one worker's."""
    one, other = whole_catalogue(), whole_catalogue()
    text = merged([read(one, accept), read(other, accept)], {}) + ("# EOF\n" if accept else "")
    reader = parse_openmetrics if accept else parse
    alone = {family.name: family.type for family in reader(one.exposition(accept)[0].decode())}

    assert [(family.name, family.type) for family in reader(text)] == list(alone.items())


def test_every_rule_is_about_a_metric_that_exists() -> None:
    """A metric that was given another name does not fall back to a sum in silence."""
    known = {family.name for family in whole_catalogue().registry.collect()} | {"lgsp_build_info", "lgsp_config_info"}

    assert RULES.keys() <= known


def test_what_is_not_known_yet_does_not_hide_what_is() -> None:
    """NaN of one worker, a number of another: the number."""
    rule = RULES["lgsp_token_age_seconds"]

    assert rule([math.nan, 5.0]) == 5.0
    assert math.isnan(rule([math.nan, math.nan]))


def test_when_a_series_began_is_the_earliest() -> None:
    """A sum of two instants would be none."""
    metrics = Metrics("1", "abc")
    Histogram("h", "…", registry=metrics.registry).observe(1)
    exposition = read(metrics, OPENMETRICS)
    text = merged([exposition, exposition], {})

    assert value(text, "h_created") == exposition.values["h"]["h_created"]
    assert value(text, "h_count") == 2


def listing(state: str, since: str, why: str | None = None) -> list[dict[str, Any]]:
    """What one worker says of its one system."""
    up = {"upstream": "ws", "state": state, "since": since, "why": why, "ours": None}
    return [{"name": "register", "title": "Đăng ký", "state": state, "upstreams": [up], "operations": []}]


def test_workers_that_agree_are_one() -> None:
    """As of one process."""
    assert merged_listing([listing("up", "2026-11-24T03:00:00Z")] * 2) == listing("up", "2026-11-24T03:00:00Z")


def test_the_newest_change_holds_and_each_view_is_beside_it() -> None:
    """One worker has not asked since the system failed, another has."""
    (found,) = merged_listing(
        [listing("failing", "2026-11-24T03:00:00Z", "upstream_error"), listing("up", "2026-11-24T03:05:00Z")]
    )

    assert (found["state"], found["upstreams"][0]["state"]) == ("up", "up")
    assert [view["state"] for view in found["upstreams"][0]["workers"]] == ["failing", "up"]


def test_a_worker_that_has_asked_nothing_says_nothing() -> None:
    """The one that knows is believed, and an isolation before all."""
    unknown = listing("unknown", "2026-11-24T09:00:00Z")
    (known,) = merged_listing([unknown, listing("failing", "2026-11-24T03:00:00Z", "timeout")])
    (isolated,) = merged_listing([listing("isolated", "2026-11-24T01:00:00Z", "maintenance"), unknown])

    assert (known["state"], isolated["state"]) == ("failing", "isolated")


def test_a_refusal_of_one_worker_that_is_our_own_is_told() -> None:
    """The other, which knows a newer state, has counted; the board says both."""
    one, other = listing("up", "2026-11-24T03:00:00Z"), listing("up", "2026-11-24T03:05:00Z")
    one[0]["upstreams"][0]["ours"] = "quota_unknown"
    (found,) = merged_listing([one, other])

    assert (found["upstreams"][0]["since"], found["upstreams"][0]["ours"]) == ("2026-11-24T03:05:00Z", "quota_unknown")


def test_the_breaker_that_is_least_well_is_shown_and_each_that_was_heard_of_once() -> None:
    """Each worker tells of the others; together they know all."""

    def view(breaker: str, *elsewhere: tuple[str, int | None, str]) -> list[dict[str, Any]]:
        """One worker's."""
        found = listing("up", "2026-11-24T03:00:00Z")
        heard = [{"instance": name, "worker": slot, "state": state} for name, slot, state in elsewhere]
        found[0]["upstreams"][0] |= {"breaker": breaker, "breaker_since": breaker, "elsewhere": heard}
        return found

    third = ("other", None, "closed")
    (found,) = merged_listing([view("closed", ("b", 1, "open"), third), view("open", ("a", 0, "closed"), third)])
    (up,) = found["upstreams"]

    assert (up["breaker"], up["breaker_since"]) == ("open", "open")
    assert {(one["instance"], one["state"]) for one in up["elsewhere"]} == {
        ("a", "closed"),
        ("b", "open"),
        ("other", "closed"),
    }
