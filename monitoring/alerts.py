"""The alerts as data: for each its condition, its severity, and what it says to the operator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from monitoring.expressions import (
    ALMOST_NO_ROOM,
    BUDGET,
    LITTLE_ROOM,
    MIDNIGHT,
    NOT_ISOLATED,
    STALE_BUDGET,
    Span,
    burn,
    fixed,
    full_soon,
    gone,
    late,
    unless_isolated_lately,
)

Severity: TypeAlias = Literal["page", "ticket"]
"""page: somebody is woken; ticket: somebody looks at it in the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert. *minutes*: how long the condition lasts before it fires."""

    name: str
    severity: Severity
    expression: Callable[[Span], str]
    minutes: float = 0
    summary: str
    """For the operator, in Vietnamese; may use labels as ``{{ $labels.connector }}``."""
    citizen: str
    """What citizens and officers notice, in Vietnamese."""
    english: str
    """The summary for readers of English."""

    @property
    def page(self) -> str:
        """The runbook below ``docs/operate/alerts/``."""
        return f"{self.name}.md"


_DRIFT: Final = "lgsp_contract_drift_total"
_NO_ANSWER: Final = "Tra cứu tới {{ $labels.connector }} trả lỗi hoặc dữ liệu cũ; hồ sơ cần hệ thống này bị chậm."
_ORDERS_WAIT: Final = "Hồ sơ gửi sang {{ $labels.system }} chưa tới nơi; người dân thấy trạng thái chưa đổi."
_NOTHING_YET: Final = "Chưa ai nhận thấy gì."

ALERTS: Final[tuple[Alert, ...]] = (
    # ---- a national system
    Alert(
        name="SystemDown",
        severity="page",
        minutes=5,
        expression=fixed(f"lgsp_upstream_up == 0 {NOT_ISOLATED}"),
        summary="{{ $labels.connector }}/{{ $labels.upstream }} không trả lời được từ 5 phút nay.",
        citizen=_NO_ANSWER,
        english="A national system has given no usable answer for five minutes.",
    ),
    Alert(
        name="RequestsFailFast",
        severity="page",
        expression=burn("failed", 14.4, BUDGET, 60, 5),
        summary="Hơn 14 % yêu cầu tới {{ $labels.connector }} thất bại trong một giờ và trong 5 phút gần nhất.",
        citizen=_NO_ANSWER,
        english="Requests to a system fail so fast that a month's budget is gone in two days.",
    ),
    Alert(
        name="RequestsFail",
        severity="page",
        expression=burn("failed", 6, BUDGET, 360, 30),
        summary="Hơn 6 % yêu cầu tới {{ $labels.connector }} thất bại trong 6 giờ và trong 30 phút gần nhất.",
        citizen=_NO_ANSWER,
        english="Requests to a system fail so often that a month's budget is gone in five days.",
    ),
    Alert(
        name="RequestsFailSlowly",
        severity="ticket",
        expression=burn("failed", 3, BUDGET, 1440, 120),
        summary="Hơn 3 % yêu cầu tới {{ $labels.connector }} thất bại trong một ngày và trong hai giờ gần nhất.",
        citizen="Thỉnh thoảng phải tra cứu lại.",
        english="Requests to a system fail steadily; a month's budget is gone in ten days.",
    ),
    Alert(
        name="AnswersAreOld",
        severity="ticket",
        expression=lambda span: (
            f"{burn('stale', 6, STALE_BUDGET, 360, 30)(span)} {unless_isolated_lately('connector', span(30))}"
        ),
        summary="Hơn 30 % câu trả lời của {{ $labels.connector }} là dữ liệu cũ trong bộ nhớ đệm.",
        citizen="Dữ liệu hiển thị có ghi thời điểm cũ; thay đổi mới ở nguồn chưa thấy.",
        english="The gateway gives old answers, because a system fails.",
    ),
    Alert(
        name="BreakerFlaps",
        severity="ticket",
        expression=lambda span: (
            f'increase(lgsp_breaker_transitions_total{{state="open"}}[{span(30)}]) > 5 {NOT_ISOLATED}'
        ),
        summary="Bộ ngắt mạch của {{ $labels.connector }}/{{ $labels.upstream }} mở hơn 5 lần trong 30 phút.",
        citizen="Tra cứu lúc được lúc không.",
        english="A system comes and goes: its circuit breaker opened more than five times in half an hour.",
    ),
    Alert(
        name="CredentialsRefused",
        severity="page",
        expression=lambda span: f"increase(lgsp_credentials_refused_total[{span(10)}]) > 0",
        summary="{{ $labels.connector }}/{{ $labels.upstream }} từ chối tài khoản của cổng ({{ $labels.reason }}).",
        citizen=_NO_ANSWER,
        english="A system refuses the gateway's credentials, officer or address; waiting does not end it.",
    ),
    Alert(
        name="QuotaWillBeSpent",
        severity="ticket",
        minutes=10,
        expression=lambda span: (
            f"predict_linear(lgsp_quota_remaining[{span(60)}], {MIDNIGHT}) < 0"
            " and lgsp_quota_remaining < 0.7 * lgsp_quota_limit and lgsp_quota_remaining > 0"
        ),
        summary="Hạn mức ngày của {{ $labels.connector }}/{{ $labels.upstream }} sẽ hết trước nửa đêm.",
        citizen=_NOTHING_YET,
        english="At this pace the day's quota of a system is spent before midnight.",
    ),
    Alert(
        name="QuotaSpent",
        severity="page",
        expression=fixed("lgsp_quota_remaining == 0"),
        summary="Hạn mức ngày của {{ $labels.connector }}/{{ $labels.upstream }} đã hết.",
        citizen="Tra cứu tới {{ $labels.connector }} không được cho tới nửa đêm, trừ dữ liệu trong bộ nhớ đệm.",
        english="The day's quota of a system is spent.",
    ),
    Alert(
        name="ContractDrifts",
        severity="ticket",
        # Held against the day before, or the hour before; a series that is younger than two hours has no base line.
        expression=lambda span: (
            f"increase({_DRIFT}[{span(60)}]) > 5 and increase({_DRIFT}[{span(60)}])"
            f" > 3 * (increase({_DRIFT}[{span(60)}] offset {span(1440)})"
            f" or increase({_DRIFT}[{span(60)}] offset {span(60)}))"
            f" and {_DRIFT} offset {span(120)} >= 0"
        ),
        summary="{{ $labels.connector }}/{{ $labels.upstream }} trả lời khác hợp đồng ({{ $labels.kind }}).",
        citizen="Một số trường có thể trống hoặc ghi là không rõ.",
        english="A system's answers differ from its contract more than on the day before.",
    ),
    Alert(
        name="CertificateEndsSoon",
        severity="ticket",
        expression=fixed("lgsp_certificate_expiry_seconds - time() < 14 * 86400"),
        summary="Chứng thư TLS của {{ $labels.connector }}/{{ $labels.upstream }} hết hạn trong 14 ngày.",
        citizen=_NOTHING_YET,
        english="A system's TLS certificate ends within two weeks.",
    ),
    # ---- the gateway
    Alert(
        name="GatewayAbsent",
        severity="page",
        minutes=2,
        expression=fixed("absent(lgsp_build_info)"),
        summary="Không cổng tích hợp nào báo số liệu.",
        citizen="Mọi tra cứu và nộp hồ sơ qua cổng có thể đang dừng.",
        english="No gateway is scraped: all are down, or Prometheus can't reach them.",
    ),
    Alert(
        name="RequestsAbsent",
        severity="ticket",
        minutes=10,
        expression=fixed("absent(lgsp_service_level_total) and on () lgsp_build_info"),
        summary="Cổng chạy nhưng không có số liệu về chất lượng phục vụ; các cảnh báo khác không tin được.",
        citizen=_NOTHING_YET,
        english="The counters that the other alerts watch are missing.",
    ),
    Alert(
        name="SeriesAbsent",
        severity="ticket",
        minutes=10,
        expression=lambda span: (
            '(label_replace(absent(lgsp_config_refused), "series", "lgsp_config_refused", "", "")'
            f" or {gone('lgsp_disk_free_bytes', span)}"
            f" or {gone('lgsp_shared_link_up', span)} or {gone('lgsp_worker_restarts_total', span)})"
            " and on () lgsp_build_info"
        ),
        summary="Cổng chạy nhưng số liệu {{ $labels.series }} không còn; cảnh báo dựa vào nó không tin được.",
        citizen=_NOTHING_YET,
        english="A metric that an alert watches is told no more.",
    ),
    Alert(
        name="GatewayErrors",
        severity="page",
        expression=burn("gateway", 14.4, BUDGET, 60, 5),
        summary="Hơn 14 % yêu cầu tới {{ $labels.connector }} thất bại do chính cổng (quá tải hoặc lỗi).",
        citizen=_NO_ANSWER,
        english="Requests fail by the gateway's own fault: it is full, or broken.",
    ),
    Alert(
        name="MachineFails",
        severity="page",
        expression=lambda span: f"increase(lgsp_machine_failures_total[{span(5)}]) > 0",
        summary="Máy chạy cổng không mở được kết nối ({{ $labels.reason }}).",
        citizen="Tra cứu tới mọi hệ thống có thể lỗi.",
        english="The gateway's machine can't open connections; no system is at fault.",
    ),
    Alert(
        name="LoopStalls",
        severity="ticket",
        expression=lambda span: f"{late('0.25', span(5))} >= 3",
        summary="Cổng bị khựng hơn 0,25 giây ít nhất 3 lần trong 5 phút.",
        citizen="Mọi câu trả lời chậm đi.",
        english="The gateway stood still for more than a quarter of a second, several times.",
    ),
    Alert(
        name="SharedCacheDown",
        severity="ticket",
        minutes=5,
        expression=fixed("lgsp_shared_cache_up == 0"),
        summary="Redis không dùng được; mỗi cổng chỉ có bộ nhớ đệm riêng.",
        citizen=_NOTHING_YET,
        english="Redis is passed over; each gateway has its own cache alone.",
    ),
    Alert(
        name="SharedLinkDown",
        severity="page",
        minutes=5,
        expression=fixed("lgsp_shared_link_up == 0"),
        summary="Các cổng không đếm chung được qua Redis từ 5 phút nay; phần hạn mức đã lấy trước đang được dùng dần.",
        citizen="Chưa ai nhận thấy gì; khi phần hạn mức lấy trước hết, tra cứu tới hệ thống có hạn mức bị từ chối.",
        english="Gateways can't count together through Redis: they spend the quota that they hold, and then refuse.",
    ),
    Alert(
        name="ConfigurationRefused",
        severity="ticket",
        minutes=5,
        expression=fixed("lgsp_config_refused > 0"),
        summary="Cấu hình mới bị từ chối; cổng vẫn chạy theo cấu hình trước.",
        citizen=_NOTHING_YET,
        english="The configuration as it is on disk is refused; what was changed in it is not in force.",
    ),
    Alert(
        name="WorkersDie",
        severity="page",
        expression=lambda span: f"round(sum without (worker) (increase(lgsp_worker_restarts_total[{span(30)}]))) >= 3",
        summary="Các tiến trình của cổng tự chết {{ $value }} lần trong 30 phút.",
        citizen="Tra cứu đang xử lý bị ngắt giữa chừng; các yêu cầu khác chậm đi.",
        english="Worker processes of a gateway die again and again.",
    ),
    Alert(
        name="LogLinesLost",
        severity="ticket",
        expression=lambda span: f"increase(lgsp_log_lines_lost_total[{span(15)}]) > 0",
        summary="Cổng mất dòng nhật ký: nơi nhận quá chậm hoặc đã đóng.",
        citizen=_NOTHING_YET,
        english="Lines of the log were lost.",
    ),
    Alert(
        name="DiskNearlyFull",
        severity="page",
        minutes=2,
        expression=lambda span: f"{ALMOST_NO_ROOM} or {full_soon(span)}",
        summary="Ổ đĩa của cổng ({{ $labels.folder }}) gần đầy, hoặc sẽ đầy trong 4 giờ.",
        citizen="Chưa ai nhận thấy gì; khi đĩa đầy, cổng không nhận hồ sơ mới.",
        english="A disk of the gateway is nearly full, or will be within four hours.",
    ),
    Alert(
        name="DiskFillsUp",
        severity="ticket",
        minutes=15,
        expression=fixed(LITTLE_ROOM),
        summary="Ổ đĩa của cổng ({{ $labels.folder }}) còn ít chỗ trống; vẫn còn thời gian để dọn.",
        citizen=_NOTHING_YET,
        english="A disk of the gateway has little room left; there is time to make some.",
    ),
    # ---- orders
    Alert(
        name="StoreDown",
        severity="page",
        minutes=1,
        expression=fixed("lgsp_store_up == 0"),
        summary="Kho lưu (PostgreSQL) không dùng được: không nhận và không gửi hồ sơ.",
        citizen="Không nộp được hồ sơ; tra cứu vẫn chạy.",
        english="The store can't be used: no order is accepted or sent.",
    ),
    Alert(
        name="StoreTransactionOld",
        severity="ticket",
        minutes=5,
        expression=lambda span: f"lgsp_store_oldest_transaction_seconds > {span.seconds(5)}",
        summary="Một giao dịch trong kho lưu mở hơn 5 phút; hàng đợi chậm dần.",
        citizen=_NOTHING_YET,
        english="A transaction in the store's database has been open for more than five minutes.",
    ),
    Alert(
        name="OrdersParked",
        severity="ticket",
        minutes=1,
        expression=fixed('sum by (system) (lgsp_lanes{state="parked"}) > 0'),
        summary="{{ $value }} hồ sơ bị {{ $labels.system }} từ chối và đang chờ người xử lý.",
        citizen=_ORDERS_WAIT,
        english="A system refused orders for good; they wait for an operator.",
    ),
    Alert(
        name="OrdersWaitLong",
        severity="page",
        minutes=5,
        expression=lambda span: (
            f"lgsp_lane_oldest_seconds > {span.seconds(240)} {unless_isolated_lately('system', span(30))}"
        ),
        summary="Hồ sơ chờ lâu nhất để gửi sang {{ $labels.system }} đã quá 4 giờ.",
        citizen=_ORDERS_WAIT,
        english="An order has waited for a system for more than four hours.",
    ),
    Alert(
        name="InboxNotTaken",
        severity="page",
        minutes=5,
        expression=lambda span: f"lgsp_inbox_oldest_seconds > {span.seconds(240)}",
        summary="Hồ sơ do {{ $labels.system }} chuyển về đã hơn 4 giờ chưa được hệ thống của tỉnh nhận.",
        citizen="Hồ sơ nộp trên Cổng DVC quốc gia chưa được tiếp nhận.",
        english="A message that a system pushed was not acknowledged for more than four hours.",
    ),
    Alert(
        name="InboxNotPulled",
        severity="ticket",
        minutes=5,
        expression=lambda span: f"lgsp_inbox_pulled_seconds > {span.seconds(240)}",
        summary="Hơn 4 giờ chưa lấy được hồ sơ từ {{ $labels.system }}.",
        citizen="Hồ sơ nộp tại bộ, ngành chưa về tới tỉnh.",
        english="A system was not asked with success for more than four hours for what it has for the province.",
    ),
    Alert(
        name="InboxUnread",
        severity="ticket",
        minutes=15,
        expression=fixed("sum by (system) (lgsp_inbox_unread) > 0"),
        summary="{{ $value }} thông điệp của {{ $labels.system }} chưa rõ loại hoặc không đọc được.",
        citizen="Hồ sơ hoặc kết quả trong các thông điệp đó chưa có cán bộ xử lý.",
        english="Messages that a system gave when it was asked could not be read.",
    ),
    Alert(
        name="InboxFilesLost",
        severity="ticket",
        minutes=15,
        expression=fixed('sum by (system) (lgsp_inbox_files{state=~"refused|missing"}) > 0'),
        summary="{{ $value }} tệp đính kèm của hồ sơ do {{ $labels.system }} chuyển về bị từ chối hoặc không lấy được.",
        citizen="Cán bộ thiếu giấy tờ của hồ sơ và có thể yêu cầu bổ sung.",
        english="Files of messages that were pushed are refused or did not come.",
    ),
    Alert(
        name="PausedLong",
        severity="ticket",
        minutes=240,
        expression=fixed('label_replace(lgsp_paused == 1, "system", "$1", "target", "([a-z_]+)[./].*")'),
        summary="{{ $labels.target }} đã tạm dừng gửi hơn 4 giờ.",
        citizen="Hồ sơ chưa tới cơ quan nhận.",
        english="Somebody paused the sending of orders more than four hours ago.",
    ),
    Alert(
        name="ApplicationsOverdue",
        severity="ticket",
        minutes=60,
        expression=fixed("lgsp_overdue_applications > 0"),
        summary="{{ $value }} hồ sơ ở {{ $labels.system }} quá thời hạn luật định.",
        citizen="Người dân chờ quá hạn; có quyền hỏi lý do.",
        english="Applications are past the time limit of the law.",
    ),
    Alert(
        name="LookUpsNotRecorded",
        severity="ticket",
        expression=lambda span: f"increase(lgsp_audit_missing_records_total[{span(15)}]) > 0",
        summary="Có lượt tra cứu dữ liệu cá nhân không được ghi vào sổ tra cứu.",
        citizen=_NOTHING_YET,
        english="Look-ups of personal data are missing in the record of who looked at whom.",
    ),
)

INHIBITIONS: Final[tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...]] = (
    # (these alerts, silence these, where these labels are equal)
    (("GatewayAbsent",), tuple(alert.name for alert in ALERTS if alert.name != "GatewayAbsent"), ()),
    (
        ("SystemDown", "QuotaSpent", "CredentialsRefused"),
        ("RequestsFailFast", "RequestsFail", "RequestsFailSlowly", "AnswersAreOld", "BreakerFlaps"),
        ("connector",),
    ),
    (("QuotaSpent", "CredentialsRefused"), ("SystemDown",), ("connector", "upstream")),
    (("DiskNearlyFull",), ("DiskFillsUp",), ("instance", "folder")),
    (("MachineFails",), ("SystemDown", "GatewayErrors", "RequestsFailFast", "RequestsFail"), ()),
    (("SharedLinkDown",), ("SharedCacheDown", "GatewayErrors"), ()),
    (("RequestsFailFast",), ("RequestsFail", "RequestsFailSlowly"), ("connector",)),
    (("RequestsFail",), ("RequestsFailSlowly",), ("connector",)),
    (("StoreDown",), ("OrdersWaitLong", "OrdersParked", "StoreTransactionOld", "LookUpsNotRecorded"), ()),
    (("StoreDown",), ("InboxNotTaken", "InboxFilesLost", "InboxUnread"), ()),
    (("PausedLong",), ("OrdersWaitLong",), ("system",)),
)
"""An alert whose cause has an alert of its own wakes nobody a second time (Alertmanager's ``inhibit_rules``)."""
