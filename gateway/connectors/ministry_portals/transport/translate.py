"""Translates between the transport ministry and the uniform API, without I/O.

The key is in the URL of every call, so an outgoing URL of this system is never logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final, Literal

from pydantic import Field, SecretStr

from gateway.connectors.ministry_portals.model import IncomingMessage, IncomingPage, IncomingQuery
from gateway.connectors.ministry_portals.settings import MinistrySettings
from gateway.connectors.ministry_portals.translate import credentials, our_mistake, unknown_answer, word_of
from gateway.connectors.ministry_portals.transport.wire import WireList, WireRow, maybe_instant
from gateway.core.days import VIETNAM
from gateway.core.inbound import InboundMessage, Pulled, PulledPage
from gateway.core.lenient import is_nothing, table_code
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.mistakes import WRONG_PAGE_TOKEN, Mistake
from gateway.core.no_record import unless_failed
from gateway.core.problems import GatewayError
from gateway.core.unread import Unread, known, read_rows
from gateway.dossiers.inbound import read_dossier
from gateway.dossiers.inbound_pulled import read_pulled
from gateway.dossiers.orders import refuse

LIST: Final = "danhsachhoso"
WINDOW_DAYS: Final = 3
"""Days that one question asks about, the first and the last among them; so it is right however they count three [C]."""
MOST_DAYS: Final = 31
TOO_LONG: Final = Mistake(
    "period_too_long", f"the period may have at most {MOST_DAYS} days", f"kỳ được dài nhất {MOST_DAYS} ngày"
)
BEFORE_FROM: Final = Mistake("before_from", "is before from", "sớm hơn from")
_FORM: Final = "%d/%m/%Y"
"""Days of questions [C]."""
CHANNELS: Final[Mapping[str, Literal["counter", "online"]]] = {"0": "counter", "1": "online"}
"""``KenhThucHien`` of this ministry, which counts from 0 [C]; the portal's are 1 and 2."""


class TransportSettings(MinistrySettings):
    """The key that the ministry gave to the province."""

    access_key: SecretStr = Field(description="APIKey: sent in the query, in the header ApiKey and as a bearer token")


def period(query: IncomingQuery, today: date) -> tuple[date, date, date]:
    """The first day of this page, the last day of this page, and the last day of all.

    Raises:
        InvalidRequest: The period is too long or ends before it begins, or the page is not one of it.
    """
    last = query.to or today
    first = query.from_ or last - timedelta(days=WINDOW_DAYS - 1)
    if last < first:
        refuse([("/to", BEFORE_FROM)])
    if (last - first).days >= MOST_DAYS:
        refuse([("/to", TOO_LONG)])
    start = first if query.page_token is None else _page(query.page_token, first, last)
    return start, min(start + timedelta(days=WINDOW_DAYS - 1), last), last


def _page(token: str, first: date, last: date) -> date:
    try:
        start = date.fromisoformat(token)
    except ValueError:
        start = date.min
    if not first < start <= last or (start - first).days % WINDOW_DAYS:
        refuse([("/page_token", WRONG_PAGE_TOKEN)])
    return start


def list_request(first: date, last: date, settings: TransportSettings) -> Rest:
    """``danhsachhoso`` for some days: all rows [C]."""
    key = settings.access_key.get_secret_value()
    return Rest(
        name=LIST,
        method="GET",
        path=f"apiGTVT/{LIST}",
        query={
            "Start": "-1",
            "End": "-1",
            "GovAgencyCode": settings.agency,
            "APIKey": key,
            "ReceiveFromDate": first.strftime(_FORM),
            "ReceiveToDate": last.strftime(_FORM),
        },
        headers={"MaDonVi": settings.agency, "ApiKey": key, "Authorization": f"Bearer {key}"},
    )


CODES: Final[Mapping[str, Callable[[], GatewayError]]] = {
    "-300": credentials,
    "-301": credentials,
    "-302": our_mistake,
    "-303": our_mistake,
    "-304": our_mistake,
}
"""Their codes but success [C]; which is which: [S]."""
_WELL: Final = frozenset({"0", "00"})


def classify(_: Exchange, reply: Reply) -> Outcome:
    """``error_code`` in HTTP 200. An empty 404 is off contract [S]: a list is asked for."""
    if reply.bare_404 or reply.status != 200 or not isinstance(reply.body, dict):
        return None
    code = table_code(reply.body.get("error_code"))
    if code is None:
        return None
    if code not in _WELL:
        return CODES.get(code, unknown_answer)()
    if is_nothing(reply.body.get("data")):
        return unless_failed(ReplyKind.ANSWER, (reply.body,), {"error_code": _WELL, "data": ()})
    return ReplyKind.ANSWER


def to_page(wire: WireList, end: date, last: date, settings: TransportSettings) -> IncomingPage:
    """The dossiers of the days until *end*, each once: the later row is its newer state [S]. *last*: of the period."""
    newest, unread = _newest(wire)
    rows, left_out = read_rows(IncomingMessage, [_message(row, settings) for row in newest])
    return IncomingPage(items=rows, next_page_token=_following(end, last), rows_left_out=unread + left_out)


def to_pulled(wire: WireList, end: date, last: date) -> PulledPage:
    """The same for the inbox."""
    newest, unread = _newest(wire)
    read = [(row.MaHoSo, _read(row)) for row in newest]
    messages = tuple(Pulled(code, "dossier", message) for code, message in read if message is not None)
    return PulledPage(messages, next_page_token=_following(end, last), left_out=unread + len(read) - len(messages))


def _newest(wire: WireList) -> tuple[list[WireRow], int]:
    """The rows, each dossier once, and the number of those that could not be read."""
    newest: dict[str, WireRow] = {}
    for row in wire.data:
        if row is not None:
            newest.pop(row.MaHoSo, None)  # so that it takes the later place
            newest[row.MaHoSo] = row
    return list(newest.values()), wire.data.count(None)


def _following(end: date, last: date) -> str | None:
    following = end + timedelta(days=1)
    return following.isoformat() if following <= last else None


def _read(row: WireRow) -> InboundMessage | None:
    channel = CHANNELS.get(known(row.KenhThucHien) or "")
    sent = {name: value for name, value in row.model_dump().items() if name in row.model_fields_set}
    if any(isinstance(value, Unread) for value in sent.values()):
        return None
    sent |= {name: _written(getattr(row, name)) for name in ("NgayTiepNhan", "NgayHenTra")}
    if channel is not None:
        sent["KenhThucHien"] = channel
    return read_pulled(read_dossier, {**sent, "NgayNopHoSo": sent["NgayTiepNhan"]})


def _message(row: WireRow, settings: TransportSettings) -> dict[str, object] | None:
    message = _read(row)
    if message is None:
        return None  # a row that can't be read
    return {
        "message_id": row.MaHoSo,
        "kind": "dossier",
        "dossier_code": row.MaHoSo,
        "procedure_code": row.MaTTHC,
        "sent_at": maybe_instant(row.NgayTiepNhan),
        "status": word_of(known(row.TrangThaiHoSo), settings),
        "status_source_code": row.TrangThaiHoSo,
        "dossier": message.data,
    }


def _written(sent: object) -> object:
    """An instant in one form; as it came, where it has none that is known."""
    at = maybe_instant(sent)
    if isinstance(at, Unread):
        return sent
    return None if at is None else at.astimezone(VIETNAM).isoformat()
