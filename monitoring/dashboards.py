"""Writes Grafana's dashboards: each panel's query is one line of data, held to the catalogue by a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

SCHEMA_VERSION: Final = 39
PLUGIN_VERSION: Final = "11.2.0"
"""Named in every panel: without it Grafana takes a panel for one of an old release and converts it."""
_SOURCE: Final = {"type": "prometheus", "uid": "${source}"}
_WIDTH: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel. *kind*: timeseries, stat or table; *unit* in Grafana's words."""

    title: str
    query: str
    legend: str = ""
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 8
    height: int = 8
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """One dashboard."""

    uid: str
    title: str
    panels: Sequence[Panel]


SYSTEMS: Final = Dashboard(
    uid="lgsp-systems",
    title="LGSP: hệ thống quốc gia",
    panels=(
        Panel(
            title="Hệ thống không trả lời",
            query='sum(lgsp_upstream_state{state="failing"}) or vector(0)',
            kind="stat",
            width=4,
            about="Systems that fail now.",
        ),
        Panel(
            title="Đã cô lập",
            query='sum(lgsp_upstream_state{state="isolated"}) or vector(0)',
            kind="stat",
            width=4,
            about="Systems that an operator has set aside.",
        ),
        Panel(
            title="Trạng thái từ lúc nào",
            query="time() - lgsp_upstream_state_since_seconds",
            legend="{{connector}}/{{upstream}}",
            unit="s",
            width=16,
            about="How long each system has been as it is.",
        ),
        Panel(
            title="Yêu cầu thất bại do hệ thống nguồn",
            query=(
                'sum by (connector) (rate(lgsp_service_level_total{class="failed"}[5m]))'
                ' / sum by (connector) (rate(lgsp_service_level_total{class!~"caller|planned"}[5m]))'
            ),
            legend="{{connector}}",
            unit="percentunit",
            about="Part of the requests that failed because of the source.",
        ),
        Panel(
            title="Dữ liệu cũ thay thế",
            query=(
                'sum by (connector) (rate(lgsp_service_level_total{class="stale"}[5m]))'
                ' / sum by (connector) (rate(lgsp_service_level_total{class!~"caller|planned"}[5m]))'
            ),
            legend="{{connector}}",
            unit="percentunit",
            about="Part of the requests that were answered with old data.",
        ),
        Panel(
            title="Lý do thất bại",
            query=(
                "sum by (connector, upstream, outcome)"
                ' (rate(lgsp_upstream_requests_total{outcome!~"ok|no_record|cancelled"}[5m]))'
            ),
            legend="{{connector}}/{{upstream}} {{outcome}}",
            unit="reqps",
            about="Exchanges that failed, by reason.",
        ),
        Panel(
            title="Thời gian trả lời, p95",
            query=(
                "histogram_quantile(0.95, sum by (le, connector, upstream)"
                " (rate(lgsp_upstream_duration_seconds_bucket[5m])))"
            ),
            legend="{{connector}}/{{upstream}}",
            unit="s",
            about="95 of 100 exchanges take no longer.",
        ),
        Panel(
            title="Đang hỏi và đang chờ",
            query="lgsp_bulkhead_in_use + lgsp_bulkhead_waiting",
            legend="{{connector}}/{{upstream}}",
            about="Exchanges in flight, and those that wait for a place.",
        ),
        Panel(
            title="Bộ ngắt mạch",
            query='lgsp_breaker_state{state!="closed"} == 1',
            legend="{{connector}}/{{upstream}} {{state}}",
            about="Circuit breakers that are not closed.",
        ),
        Panel(
            title="Hạn mức còn lại hôm nay",
            query="lgsp_quota_remaining / lgsp_quota_limit",
            legend="{{connector}}/{{upstream}}",
            unit="percentunit",
            about="Part of the day's quota that is left.",
        ),
        Panel(
            title="Chính sách của cổng từ chối",
            query="sum by (connector, upstream, reason) (rate(lgsp_not_asked_total[5m]))",
            legend="{{connector}}/{{upstream}} {{reason}}",
            unit="reqps",
            about="Exchanges that a policy of the gateway refused before they began.",
        ),
        Panel(
            title="Khác hợp đồng",
            query="sum by (connector, upstream, kind) (increase(lgsp_contract_drift_total[1h]))",
            legend="{{connector}}/{{upstream}} {{kind}}",
            about="Parts of answers that the contract does not describe, in an hour.",
        ),
        Panel(
            title="Chứng thư hết hạn sau",
            query="lgsp_certificate_expiry_seconds - time()",
            legend="{{connector}}/{{upstream}}",
            unit="s",
            kind="table",
            width=12,
            about="Time until the certificate of each system ends.",
        ),
        Panel(
            title="Tuổi của thẻ truy cập",
            query="lgsp_token_age_seconds",
            legend="{{connector}}/{{upstream}}",
            unit="s",
            width=12,
            about="Age of the token in use.",
        ),
    ),
)
GATEWAY: Final = Dashboard(
    uid="lgsp-gateway",
    title="LGSP: cổng tích hợp",
    panels=(
        Panel(
            title="Yêu cầu",
            query="sum by (outcome) (rate(lgsp_requests_total[5m]))",
            legend="{{outcome}}",
            unit="reqps",
            about="Requests by outcome.",
        ),
        Panel(
            title="Thời gian trả lời, p95",
            query=(
                "histogram_quantile(0.95, sum by (le, connector, operation)"
                " (rate(lgsp_request_duration_seconds_bucket[5m])))"
            ),
            legend="{{connector}}.{{operation}}",
            unit="s",
            about="95 of 100 requests take no longer.",
        ),
        Panel(
            title="Phần của cổng, p99",
            query="histogram_quantile(0.99, sum by (le) (rate(lgsp_gateway_overhead_seconds_bucket[5m])))",
            legend="p99",
            unit="s",
            about="What a request costs without the source's part.",
        ),
        Panel(
            title="Bộ nhớ đệm: trúng",
            query=(
                'sum by (connector) (rate(lgsp_cache_requests_total{result=~"hit|replayed"}[5m]))'
                " / sum by (connector) (rate(lgsp_cache_requests_total[5m]))"
            ),
            legend="{{connector}}",
            unit="percentunit",
            about="Part of the look-ups that the cache answered.",
        ),
        Panel(
            title="Bộ nhớ đệm: đầy",
            query="lgsp_cache_bytes",
            legend="{{instance}}",
            unit="bytes",
            about="Bytes in the cache of each gateway.",
        ),
        Panel(
            title="Bị đẩy khỏi bộ nhớ đệm",
            query="rate(lgsp_cache_evictions_total[5m])",
            legend="{{instance}}",
            about="Answers that left the cache for want of room, a second.",
        ),
        Panel(
            title="Kết nối",
            query="lgsp_connections",
            legend="{{instance}} {{port}}",
            about="Open connections of each port.",
        ),
        Panel(
            title="Bộ nhớ",
            query="process_resident_memory_bytes",
            legend="{{instance}}",
            unit="bytes",
            about="Memory of each gateway.",
        ),
        Panel(
            title="Chỗ trống trên đĩa",
            query="lgsp_disk_free_bytes / lgsp_disk_size_bytes",
            legend="{{instance}} {{folder}}",
            unit="percentunit",
            about="Part of each disk that is free.",
        ),
        Panel(
            title="Khựng, p99",
            query="histogram_quantile(0.99, sum by (le, instance) (rate(lgsp_event_loop_stall_seconds_bucket[5m])))",
            legend="{{instance}}",
            unit="s",
            about="How late the event loop was.",
        ),
        Panel(
            title="Lỗi của máy",
            query="sum by (reason) (increase(lgsp_machine_failures_total[5m]))",
            legend="{{reason}}",
            about="Connections that the machine could not open.",
        ),
        Panel(
            title="Dòng nhật ký bị mất",
            query="increase(lgsp_log_lines_lost_total[5m])",
            legend="{{instance}}",
            about="Lines of the log that were not written.",
        ),
        Panel(
            title="Phiên bản và cấu hình",
            query="lgsp_build_info * on (instance) group_left (fingerprint) lgsp_config_info",
            legend="{{instance}} {{version}} {{fingerprint}}",
            kind="table",
            about="Which release and which configuration each gateway runs.",
        ),
    ),
)
ORDERS: Final = Dashboard(
    uid="lgsp-orders",
    title="LGSP: hồ sơ gửi đi",
    panels=(
        Panel(
            title="Bị từ chối, chờ người xử lý",
            query='sum by (system) (lgsp_lanes{state="parked"})',
            legend="{{system}}",
            kind="stat",
            about="Dossiers whose order was refused for good.",
        ),
        Panel(
            title="Đang chờ gửi",
            query="sum by (system, state) (lgsp_lanes)",
            legend="{{system}} {{state}}",
            about="Dossiers with an order that the system does not have.",
        ),
        Panel(
            title="Chờ lâu nhất",
            query="lgsp_lane_oldest_seconds",
            legend="{{system}}",
            unit="s",
            about="Age of the order that waits longest.",
        ),
        Panel(
            title="Quá hạn luật định",
            query="lgsp_overdue_applications",
            legend="{{system}}",
            kind="stat",
            about="Cases past the time limit of the law.",
        ),
        Panel(
            title="Tạm dừng",
            query="lgsp_paused == 1",
            legend="{{target}}",
            about="Operations and systems whose orders are paused.",
        ),
        Panel(
            title="Kho lưu",
            query="lgsp_store_up",
            legend="{{instance}}",
            about="1 while the store can be used.",
        ),
        Panel(
            title="Cỡ của kho lưu",
            query="lgsp_store_size_bytes",
            legend="{{instance}}",
            unit="bytes",
            about="Size of the store's database.",
        ),
        Panel(
            title="Giao dịch lâu nhất",
            query="lgsp_store_oldest_transaction_seconds",
            legend="{{instance}}",
            unit="s",
            about="Age of the oldest open transaction.",
        ),
        Panel(
            title="Tra cứu không được ghi",
            query="increase(lgsp_audit_missing_records_total[1h])",
            legend="{{instance}}",
            about="Look-ups that are missing in the record.",
        ),
    ),
)
DASHBOARDS: Final = (SYSTEMS, GATEWAY, ORDERS)


def dashboard(board: Dashboard) -> bytes:
    """*board* as JSON that Grafana imports."""
    panels: list[dict[str, object]] = []
    x = y = row = 0
    for number, panel in enumerate(board.panels, 1):
        if x + panel.width > _WIDTH:
            x, y, row = 0, y + row, 0
        panels.append(_panel(panel, number, {"x": x, "y": y, "w": panel.width, "h": panel.height}))
        x, row = x + panel.width, max(row, panel.height)
    source = {"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    written = {
        "uid": board.uid,
        "title": board.title,
        "tags": ["lgsp"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": True,
        "timezone": "Asia/Ho_Chi_Minh",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "links": [{"type": "dashboards", "tags": ["lgsp"], "title": "LGSP", "asDropdown": True}],
        "panels": panels,
    }
    return orjson.dumps(written, option=orjson.OPT_INDENT_2) + b"\n"


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, object]:
    table = panel.kind == "table"
    target = {
        "refId": "A",
        "datasource": _SOURCE,
        "expr": panel.query,
        "legendFormat": panel.legend or "__auto",
        **({"format": "table", "instant": True} if table else {}),
    }
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "pluginVersion": PLUGIN_VERSION,
        "datasource": _SOURCE,
        "gridPos": place,
        "targets": [target],
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {} if panel.kind != "timeseries" else {"tooltip": {"mode": "multi", "sort": "desc"}},
    }
