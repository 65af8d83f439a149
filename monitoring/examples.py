"""Examples for ``promtool test rules``: of each alert, values under which it fires, and others under which it does not.

Series are written in promtool's notation, a value a minute: ``0+5x60`` is sixty-one values that rise by five.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from monitoring.alerts import ALERTS, Alert
from monitoring.expressions import Span
from monitoring.rules import HEAD, rule

UP: Final = 'connector="register",upstream="ws"'
ANSWERS: Final = 'lgsp_service_level_total{connector="register",operation="record",class='
DAY: Final = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The values of some series. *fires*: the labels of the alert that fires at minute *at*; none: it does not."""

    alert: str
    series: Mapping[str, str]
    at: int
    fires: Mapping[str, str] | None = None
    value: str = ""


def _answers(**classes: str) -> dict[str, str]:
    born = dict.fromkeys(("good", "stale", "failed", "gateway", "caller"), "0x3000")
    return {f'{ANSWERS}"{kind}"}}': values for kind, values in {**born, **classes}.items()}


SYSTEM: Final = {"connector": "register", "upstream": "ws"}
REGISTER: Final = {"connector": "register"}
_ISOLATED: Final = f'lgsp_upstream_state{{{UP},state="isolated"}}'
_FREE: Final = 'lgsp_disk_free_bytes{folder="state"}'
_SIZE: Final = 'lgsp_disk_size_bytes{folder="state"}'
_STALLS: Final = "lgsp_event_loop_stall_seconds"

EXAMPLES: Final[tuple[Example, ...]] = (
    Example(alert="SystemDown", series={f"lgsp_upstream_up{{{UP}}}": "1x2 0x20"}, at=10, fires=SYSTEM),
    Example(alert="SystemDown", series={f"lgsp_upstream_up{{{UP}}}": "1x2 0x2 1x20"}, at=10),
    Example(alert="SystemDown", series={f"lgsp_upstream_up{{{UP}}}": "0x20", _ISOLATED: "1x20"}, at=10),
    Example(alert="RequestsFailFast", series=_answers(good="0+8x70", failed="0+2x70"), at=65, fires=REGISTER),
    Example(alert="RequestsFailFast", series=_answers(good="0+8x40 320+10x30", failed="0+2x40 80x30"), at=65),
    Example(alert="RequestsFailFast", series=_answers(good="0x70", failed="0x60 1x10"), at=65),
    Example(alert="RequestsFailFast", series=_answers(good="0+8x70", caller="0+90x70"), at=65),
    Example(alert="RequestsFailFast", series=_answers(good="0+8x70", planned="0+90x70"), at=65),
    Example(alert="RequestsFail", series=_answers(good="0+9x400", failed="0+1x400"), at=380, fires=REGISTER),
    Example(alert="RequestsFail", series=_answers(good="0+99x400", failed="0+1x400"), at=380),
    Example(alert="RequestsFailSlowly", series=_answers(good="0+95x1500", failed="0+5x1500"), at=DAY, fires=REGISTER),
    Example(alert="RequestsFailSlowly", series=_answers(good="0+99x1500", failed="0+1x1500"), at=DAY),
    Example(alert="AnswersAreOld", series=_answers(good="0+5x400", stale="0+5x400"), at=380, fires=REGISTER),
    Example(alert="AnswersAreOld", series=_answers(good="0+9x400", stale="0+1x400"), at=380),
    Example(
        alert="AnswersAreOld", series={**_answers(good="0+5x400", stale="0+5x400"), _ISOLATED: "0x370 1x30"}, at=380
    ),
    Example(
        alert="BreakerFlaps",
        series={f'lgsp_breaker_transitions_total{{{UP},state="open"}}': "0+1x40"},
        at=35,
        fires={**SYSTEM, "state": "open"},
    ),
    Example(alert="BreakerFlaps", series={f'lgsp_breaker_transitions_total{{{UP},state="open"}}': "0x10 1x40"}, at=35),
    Example(
        alert="CredentialsRefused",
        series={f'lgsp_credentials_refused_total{{{UP},reason="officer"}}': "0x10 1x10"},
        at=12,
        fires={**SYSTEM, "reason": "officer"},
    ),
    Example(
        alert="CredentialsRefused", series={f'lgsp_credentials_refused_total{{{UP},reason="officer"}}': "3x30"}, at=25
    ),
    Example(
        alert="QuotaWillBeSpent",
        series={f"lgsp_quota_remaining{{{UP}}}": "1000-8x120", f"lgsp_quota_limit{{{UP}}}": "1000x120"},
        at=90,
        fires=SYSTEM,
    ),
    Example(
        alert="QuotaWillBeSpent",
        series={f"lgsp_quota_remaining{{{UP}}}": "1000-0.1x120", f"lgsp_quota_limit{{{UP}}}": "1000x120"},
        at=90,
    ),
    Example(alert="QuotaSpent", series={f"lgsp_quota_remaining{{{UP}}}": "5 0x10"}, at=2, fires=SYSTEM),
    Example(alert="QuotaSpent", series={f"lgsp_quota_remaining{{{UP}}}": "5x10"}, at=2),
    Example(
        alert="ContractDrifts",
        series={f'lgsp_contract_drift_total{{{UP},kind="schema"}}': "0+0.01x1440 14+1x120"},
        at=1540,
        fires={**SYSTEM, "kind": "schema"},
    ),
    Example(alert="ContractDrifts", series={f'lgsp_contract_drift_total{{{UP},kind="schema"}}': "0+1x1600"}, at=1540),
    Example(
        alert="ContractDrifts",
        series={f'lgsp_contract_drift_total{{{UP},kind="schema"}}': "0x125 0+1x70"},
        at=185,
        fires={**SYSTEM, "kind": "schema"},
    ),
    Example(alert="ContractDrifts", series={f'lgsp_contract_drift_total{{{UP},kind="schema"}}': "0+1x70"}, at=65),
    Example(alert="ContractDrifts", series={f'lgsp_contract_drift_total{{{UP},kind="schema"}}': "0+1x200"}, at=190),
    Example(
        alert="CertificateEndsSoon",
        series={f"lgsp_certificate_expiry_seconds{{{UP}}}": "864000x10"},
        at=5,
        fires=SYSTEM,
    ),
    Example(alert="CertificateEndsSoon", series={f"lgsp_certificate_expiry_seconds{{{UP}}}": "8640000x10"}, at=5),
    Example(alert="GatewayAbsent", series={'another_info{version="1"}': "1x10"}, at=5, fires={}),
    Example(alert="GatewayAbsent", series={'lgsp_build_info{version="1"}': "1x10"}, at=5),
    Example(alert="RequestsAbsent", series={'lgsp_build_info{version="1"}': "1x20"}, at=15, fires={}),
    Example(alert="RequestsAbsent", series={'lgsp_build_info{version="1"}': "1x20", **_answers()}, at=15),
    Example(alert="GatewayErrors", series=_answers(good="0+8x70", gateway="0+2x70"), at=65, fires=REGISTER),
    Example(alert="GatewayErrors", series=_answers(good="0+8x70", failed="0+2x70"), at=65),
    Example(
        alert="MachineFails",
        series={'lgsp_machine_failures_total{reason="descriptors"}': "0x3 1x10"},
        at=4,
        fires={"reason": "descriptors"},
    ),
    Example(alert="MachineFails", series={'lgsp_machine_failures_total{reason="descriptors"}': "1x10"}, at=8),
    Example(
        alert="LoopStalls",
        series={f'{_STALLS}_bucket{{le="0.25"}}': "0+1195x10", f"{_STALLS}_count": "0+1200x10"},
        at=8,
        fires={},
    ),
    Example(
        alert="LoopStalls",
        series={f'{_STALLS}_bucket{{le="0.25"}}': "0+1200x10", f"{_STALLS}_count": "0+1200x10"},
        at=8,
    ),
    Example(alert="SharedCacheDown", series={"lgsp_shared_cache_up": "1x2 0x20"}, at=10, fires={}),
    Example(alert="SharedCacheDown", series={"lgsp_shared_cache_up": "1x20"}, at=10),
    Example(alert="SharedLinkDown", series={"lgsp_shared_link_up": "1x2 0x20"}, at=10, fires={}),
    Example(alert="SharedLinkDown", series={"lgsp_shared_link_up": "1x2 0x3 1x20"}, at=10),
    Example(alert="ConfigurationRefused", series={"lgsp_config_refused": "0x2 1x20"}, at=10, fires={}),
    Example(alert="ConfigurationRefused", series={"lgsp_config_refused": "0x2 1x3 0x20"}, at=10),
    Example(
        alert="WorkersDie",
        series={
            'lgsp_worker_restarts_total{worker="0"}': "0x30 1x2 2x20",
            'lgsp_worker_restarts_total{worker="1"}': "7x30 8x30",
        },
        at=50,
        fires={},
        value="3",
    ),
    Example(alert="WorkersDie", series={'lgsp_worker_restarts_total{worker="0"}': "0x10 9x30 11x30"}, at=55),
    Example(
        alert="SeriesAbsent",
        series={"lgsp_build_info": "1x130", "lgsp_config_refused": "0x130", "lgsp_shared_link_up": "1x70 _x60"},
        at=90,
        fires={"series": "lgsp_shared_link_up"},
    ),
    Example(
        alert="SeriesAbsent",
        series={"lgsp_build_info": "1x130", 'lgsp_worker_restarts_total{worker="0"}': "0x130"},
        at=90,
        fires={"series": "lgsp_config_refused"},
    ),
    Example(alert="SeriesAbsent", series={"lgsp_build_info": "1x130", "lgsp_config_refused": "0x130"}, at=90),
    Example(
        alert="DiskNearlyFull",
        series={_FREE: "20e9x5 400e6x20", _SIZE: "100e9x30"},
        at=10,
        fires={"folder": "state"},
    ),
    Example(
        alert="DiskNearlyFull",
        series={_FREE: "9e9-50e6x90", _SIZE: "100e9x90"},
        at=70,
        fires={"folder": "state"},
    ),
    Example(alert="DiskNearlyFull", series={_FREE: "9e9-10e6x90", _SIZE: "100e9x90"}, at=70),
    Example(alert="DiskNearlyFull", series={_FREE: "90e9-500e6x90", _SIZE: "100e9x90"}, at=70),
    Example(alert="DiskNearlyFull", series={_FREE: "12e6x20", _SIZE: "16e6x20"}, at=10),
    Example(alert="DiskFillsUp", series={_FREE: "9e9x30", _SIZE: "100e9x30"}, at=20, fires={"folder": "state"}),
    Example(alert="DiskFillsUp", series={_FREE: "12e9x30", _SIZE: "100e9x30"}, at=20),
    Example(alert="DiskFillsUp", series={_FREE: "9e9x30", _SIZE: "20e9x30"}, at=20),
    Example(
        alert="SeriesAbsent",
        series={"lgsp_build_info": "1x130", "lgsp_config_refused": "0x130", _FREE: "9e9x70 _x60"},
        at=90,
        fires={"series": "lgsp_disk_free_bytes"},
    ),
    Example(alert="LogLinesLost", series={"lgsp_log_lines_lost_total": "0x5 7x5"}, at=8, fires={}),
    Example(alert="LogLinesLost", series={"lgsp_log_lines_lost_total": "7x20"}, at=18),
    Example(alert="StoreDown", series={"lgsp_store_up": "1x2 0x10"}, at=5, fires={}),
    Example(alert="StoreDown", series={"lgsp_store_up": "1x10"}, at=5),
    Example(
        alert="StoreTransactionOld", series={"lgsp_store_oldest_transaction_seconds": "310+60x20"}, at=10, fires={}
    ),
    Example(alert="StoreTransactionOld", series={"lgsp_store_oldest_transaction_seconds": "4x20"}, at=10),
    Example(
        alert="OrdersParked",
        series={'lgsp_lanes{system="criminal_records",state="parked"}': "0x2 3x10"},
        at=6,
        fires={"system": "criminal_records"},
        value="3",
    ),
    Example(alert="OrdersParked", series={'lgsp_lanes{system="criminal_records",state="waiting"}': "30x10"}, at=6),
    Example(
        alert="OrdersWaitLong",
        series={'lgsp_lane_oldest_seconds{system="criminal_records"}': "14000+60x30"},
        at=20,
        fires={"system": "criminal_records"},
    ),
    Example(alert="OrdersWaitLong", series={'lgsp_lane_oldest_seconds{system="criminal_records"}': "900x30"}, at=20),
    Example(
        alert="OrdersWaitLong",
        series={
            'lgsp_lane_oldest_seconds{system="criminal_records"}': "14000+60x30",
            'lgsp_upstream_state{connector="criminal_records",upstream="ws",state="isolated"}': "1x30",
        },
        at=20,
    ),
    Example(
        alert="InboxNotTaken",
        series={'lgsp_inbox_oldest_seconds{system="public_service_portal"}': "14000+60x30"},
        at=20,
        fires={"system": "public_service_portal"},
    ),
    Example(
        alert="InboxNotTaken", series={'lgsp_inbox_oldest_seconds{system="public_service_portal"}': "900x30"}, at=20
    ),
    Example(
        alert="InboxNotPulled",
        series={'lgsp_inbox_pulled_seconds{system="ministry_portals.transport"}': "14000+60x30"},
        at=20,
        fires={"system": "ministry_portals.transport"},
    ),
    Example(
        alert="InboxNotPulled",
        series={'lgsp_inbox_pulled_seconds{system="ministry_portals.transport"}': "900x30"},
        at=20,
    ),
    Example(
        alert="InboxUnread",
        series={
            'lgsp_inbox_unread{system="ministry_portals.construction",state="kept"}': "60x30",
            'lgsp_inbox_unread{system="ministry_portals.construction",state="left"}': "2x30",
        },
        at=20,
        fires={"system": "ministry_portals.construction"},
        value="62",
    ),
    Example(
        alert="InboxUnread",
        series={'lgsp_inbox_unread{system="ministry_portals.construction",state="left"}': "2x10 0x20"},
        at=20,
    ),
    Example(
        alert="InboxFilesLost",
        series={
            'lgsp_inbox_files{system="public_service_portal",state="missing"}': "1x30",
            'lgsp_inbox_files{system="public_service_portal",state="refused"}': "2x30",
        },
        at=20,
        fires={"system": "public_service_portal"},
        value="3",
    ),
    Example(
        alert="InboxFilesLost",
        series={'lgsp_inbox_files{system="public_service_portal",state="waiting"}': "9x30"},
        at=20,
    ),
    Example(
        alert="PausedLong",
        series={'lgsp_paused{target="criminal_records/lltp2024"}': "1x300"},
        at=250,
        fires={"target": "criminal_records/lltp2024", "system": "criminal_records"},
    ),
    Example(alert="PausedLong", series={'lgsp_paused{target="criminal_records.apply"}': "1x100 _x200"}, at=250),
    Example(
        alert="ApplicationsOverdue",
        series={'lgsp_overdue_applications{system="criminal_records"}': "2x90"},
        at=70,
        fires={"system": "criminal_records"},
        value="2",
    ),
    Example(
        alert="ApplicationsOverdue", series={'lgsp_overdue_applications{system="criminal_records"}': "0x90"}, at=70
    ),
    Example(alert="LookUpsNotRecorded", series={"lgsp_audit_missing_records_total": "0x5 40x5"}, at=8, fires={}),
    Example(alert="LookUpsNotRecorded", series={"lgsp_audit_missing_records_total": "0x20"}, at=18),
)


def tests() -> str:
    """The file of tests for promtool, beside the rules."""
    known = {alert.name: alert for alert in ALERTS}
    written = [_test(example, known[example.alert]) for example in EXAMPLES]
    content = {"rule_files": ["alerts.yaml"], "evaluation_interval": "1m", "tests": written}
    return HEAD + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1_000)


def _test(example: Example, alert: Alert) -> dict[str, object]:
    fired = [] if example.fires is None else [_fired(alert, example.fires, example.value)]
    return {
        "name": f"{alert.name} {'fires' if fired else 'is quiet'}: {', '.join(example.series)}",
        "interval": "1m",
        "input_series": [{"series": series, "values": values} for series, values in example.series.items()],
        "alert_rule_test": [{"eval_time": f"{example.at}m", "alertname": alert.name, "exp_alerts": fired}],
    }


def _fired(alert: Alert, labels: Mapping[str, str], value: str) -> dict[str, object]:
    texts = rule(alert, Span())["annotations"]
    assert isinstance(texts, dict)
    return {
        "exp_labels": {"severity": alert.severity, **labels},
        "exp_annotations": {name: _filled(text, labels, value) for name, text in texts.items()},
    }


def _filled(text: str, labels: Mapping[str, str], value: str) -> str:
    named = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda match: labels.get(match[1], ""), text)
    return named.replace("{{ $value }}", value)
