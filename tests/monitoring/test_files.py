"""Rules, inhibitions and dashboards: written from data, held to the catalogue, and tested by Prometheus' own tools."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from gateway.observe.catalogue import whole_catalogue
from monitoring.__main__ import DEPLOY, files
from monitoring.alerts import ALERTS, INHIBITIONS, Alert
from monitoring.dashboards import DASHBOARDS
from monitoring.examples import EXAMPLES
from monitoring.expressions import Span
from tests.drill.plan import NOT_DRILLED, drilled

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = ROOT / "docs" / "operate" / "alerts"
THEIRS: Final = {"process_resident_memory_bytes"}
"""Metrics of prometheus-client itself."""

PARTS: Final = ("In English: ", "## Điều gì xảy ra", "## Người dân nhận thấy gì", "## Làm gì", "## Hết khi nào")

promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is missing: install prometheus")


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What promtool says."""
    return subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def queries() -> Iterator[tuple[str, str]]:
    """Every query with the place that it is from."""
    for alert in ALERTS:
        yield alert.name, alert.expression(Span())
    for board in DASHBOARDS:
        for panel in board.panels:
            yield f"{board.uid}: {panel.title}", panel.query


def test_the_files_are_those_of_the_code() -> None:
    """`make generate` was run after the last change."""
    for name, content in files(60.0).items():
        assert (DEPLOY / name).read_bytes() == content, name


@promtool
def test_prometheus_reads_the_rules() -> None:
    """Each expression and each text is one that it understands."""
    done = run("check", "rules", "alerts.yaml", folder=DEPLOY / "prometheus")
    assert done.returncode == 0, done.stdout + done.stderr


@promtool
@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_the_examples_of_an_alert_hold_and_fail_without_its_condition(alert: Alert, tmp_path: Path) -> None:
    """It fires under the values of its example and is quiet under the others; one that always fires, or never, does not
    pass. Alone, because all rules at each minute of each example take promtool a minute.
    """
    rules = yaml.safe_load(files(60.0)["prometheus/alerts.yaml"])
    tests = yaml.safe_load(files(60.0)["prometheus/alerts_test.yaml"])
    own = next(one for one in rules["groups"][0]["rules"] if one["alert"] == alert.name)
    tests["tests"] = [one for one in tests["tests"] if one["alert_rule_test"][0]["alertname"] == alert.name]
    rules["groups"][0]["rules"] = [own]
    (tmp_path / "alerts_test.yaml").write_text(yaml.safe_dump(tests, allow_unicode=True), "utf-8")
    (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(rules, allow_unicode=True), "utf-8")
    done = run("test", "rules", "alerts_test.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for condition in ("vector(1)", "vector(1) == 0"):
        own["expr"] = condition
        own.pop("for", None)
        (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(rules, allow_unicode=True), "utf-8")
        assert run("test", "rules", "alerts_test.yaml", folder=tmp_path).returncode != 0, condition


def test_each_alert_has_examples_of_both_kinds() -> None:
    """Values under which it fires, and values near them under which it does not."""
    for alert in ALERTS:
        kinds = {example.fires is not None for example in EXAMPLES if example.alert == alert.name}
        assert kinds == {True, False}, alert.name


def test_each_alert_has_a_page_in_both_languages() -> None:
    """Whoever is woken reads what happened, what citizens notice, and what to do."""
    for alert in ALERTS:
        page = (PAGES / alert.page).read_text("utf-8")
        assert page.startswith(f"# {alert.name}: ")
        for heading in (
            "In English: ",
            "## Điều gì xảy ra",
            "## Người dân nhận thấy gì",
            "## Làm gì",
            "## Hết khi nào",
        ):
            assert heading in page, (alert.name, heading)
    assert {path.name for path in PAGES.iterdir()} == {alert.page for alert in ALERTS}


def test_the_list_of_alerts_says_what_each_alert_says() -> None:
    """One row an alert, in the order of the rules, with its severity and its sentence."""
    rows = [line for line in (PAGES.parent / "alerts.md").read_text("utf-8").splitlines() if line.startswith("| [")]

    assert rows == [f"| [{one.name}](alerts/{one.page}) | {one.severity} | {one.english} |" for one in ALERTS]


def test_each_query_names_metrics_and_labels_of_the_catalogue() -> None:
    """A renamed metric would silence an alarm without a sign."""
    text = whole_catalogue().exposition("")[0].decode()
    known = {f"{name}{end}" for name in re.findall(r"# HELP (\w+)", text) for end in ("", "_bucket", "_sum", "_count")}
    for place, query in queries():
        named = set(re.findall(r"\b(lgsp_\w+|process_\w+)", query))
        assert named, place
        assert named - THEIRS <= known, (place, named - known)


def test_each_alert_is_drilled_or_says_why_not() -> None:
    """`make drill` fires every alert by a real fault, or its table tells the reason why it does not."""
    assert drilled() | NOT_DRILLED.keys() == {alert.name for alert in ALERTS}
    assert not drilled() & NOT_DRILLED.keys()


def test_a_drill_has_windows_sixty_times_as_short() -> None:
    """The same rules with a minute of one second."""
    real, drill = (yaml.safe_load(files(minute)["prometheus/alerts.yaml"]) for minute in (60.0, 1.0))
    expressions = [
        {rule["alert"]: (rule["expr"], rule.get("for")) for rule in file["groups"][0]["rules"]}
        for file in (real, drill)
    ]
    assert "[1h]" in expressions[0]["RequestsFailFast"][0]
    assert "[1m]" in expressions[1]["RequestsFailFast"][0]
    assert (expressions[0]["SystemDown"][1], expressions[1]["SystemDown"][1]) == ("5m", "5s")


def silenced(firing: list[dict[str, str]]) -> list[str]:
    """The names of those of *firing* that Alertmanager would not send, by the generated ``inhibit_rules``."""
    rules: list[dict[str, Any]] = yaml.safe_load(files(60.0)["prometheus/alertmanager.yaml"])["inhibit_rules"]
    return [target["alertname"] for target in firing if any(_inhibits(rule, firing, target) for rule in rules)]


def _inhibits(rule: dict[str, Any], firing: list[dict[str, str]], target: dict[str, str]) -> bool:
    def matches(alert: dict[str, str], matchers: list[str]) -> bool:
        for matcher in matchers:
            label, pattern = re.fullmatch(r'(\w+) =~ "(.*)"', matcher).groups()  # type: ignore[union-attr]
            if re.fullmatch(pattern, alert.get(label, "")) is None:
                return False
        return True

    return matches(target, rule["target_matchers"]) and any(
        matches(source, rule["source_matchers"])
        and source is not target
        and all(source.get(label, "") == target.get(label, "") for label in rule.get("equal", ()))
        for source in firing
    )


def fired(name: str, **labels: str) -> dict[str, str]:
    """An alert that fires."""
    return {"alertname": name, **labels}


def test_an_alert_whose_cause_alarms_wakes_nobody_again() -> None:
    """The cause is told once, and the same symptom of another system is told beside it."""
    down = fired("SystemDown", connector="register", upstream="ws")
    own, other = fired("RequestsFailFast", connector="register"), fired("RequestsFailFast", connector="insurance")

    assert silenced([down, own, other]) == ["RequestsFailFast"]
    assert silenced([own, other]) == []
    assert silenced([fired("GatewayAbsent"), down, own]) == ["SystemDown", "RequestsFailFast"]
    assert silenced([fired("MachineFails", reason="descriptors"), down]) == ["SystemDown"]
    assert silenced([fired("StoreDown"), fired("OrdersWaitLong", system="criminal_records")]) == ["OrdersWaitLong"]
    assert silenced([fired("SharedLinkDown"), fired("SharedCacheDown"), down]) == ["SharedCacheDown"]


def test_no_alert_silences_itself_or_its_cause() -> None:
    """Two alerts that inhibit each other would both be silent."""
    pairs = {(source, target) for sources, targets, _ in INHIBITIONS for source in sources for target in targets}
    names = {alert.name for alert in ALERTS}

    assert {name for pair in pairs for name in pair} <= names
    assert not {(source, target) for source, target in pairs if (target, source) in pairs or source == target}


def test_grafana_takes_the_dashboards_as_they_are() -> None:
    """Without a schema and plugin version it would convert them, and mangle panels; panels do not overlap."""
    for board in DASHBOARDS:
        written = json.loads(files(60.0)[f"grafana/{board.uid}.json"])
        assert written["schemaVersion"] > 0
        assert all(panel["pluginVersion"] for panel in written["panels"])
        places: set[tuple[int, int]] = set()
        for panel in written["panels"]:
            at = panel["gridPos"]
            covered = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert not covered & places
            assert at["x"] + at["w"] <= 24
            places |= covered
