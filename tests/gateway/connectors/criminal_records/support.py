"""An upstream that answers what a test says, judged as in the gateway; whole orders; settings of both dialects."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic

from gateway.connectors.criminal_records.lltp2024 import LLTP2024
from gateway.connectors.criminal_records.lltp2024.translate import Lltp2024Settings
from gateway.connectors.criminal_records.model import ApplicationOrder, ApplicationQuery
from gateway.connectors.criminal_records.ngsp import NGSP
from gateway.connectors.criminal_records.ngsp.translate import NgspSettings
from gateway.connectors.criminal_records.operations import APPLICATION, APPLY
from gateway.core.call import Call, Trace
from gateway.core.clock import FakeClock
from gateway.core.connector import Dialect
from gateway.core.events import silence
from gateway.core.message import Exchange, Reply, Rest
from gateway.core.problems import Effect
from gateway.core.settings import S
from gateway.core.upstream import Officer, UpstreamRequest, W
from gateway.pipeline.upstream.classify_reply import ClassifyReply

CODE: Final = "000.00.04.H58-261124-0001"
QUERY: Final = ApplicationQuery(application_id=CODE)
LLTP: Final = Lltp2024Settings.model_validate(
    {"url": "http://lltp.test", "auth_key": "key", "province_code": "82", "province_name": "Tỉnh Đồng Tháp"}
)
ROAD: Final = NgspSettings.model_validate({"url": "http://ngsp.test", "ministry_justice_id": 82, "region_id": 28})
PDF: Final = b"%PDF-1.4 made up"
PDF_BASE64: Final = base64.b64encode(PDF).decode()

ORDER_BODY: Final[dict[str, Any]] = {
    "dossier_code": CODE,
    "received_on": "2026-11-24",
    "due_on": "2026-12-04",
    "certificate_form": 1,
    "copies": 2,
    "purpose": {"name": "Xin việc làm"},
    "applicant": {
        "full_name": "Nguyễn Thị Ưu",
        "sex": "female",
        "birth_date": {"value": "1987-02", "precision": "month"},
        "birth_place": {"province": {"code": "82", "name": "Tỉnh Đồng Tháp"}},
        "nationality": {"code": "VN", "name": "Việt Nam"},
        "ethnicity": {"code": "01", "name": "Kinh"},
        "permanent_residence": {
            "street": "Số 7 Lê Lợi",
            "ward": {"code": "28249", "name": "Phường Mỹ Tho"},
            "province": {"code": "82", "name": "Tỉnh Đồng Tháp"},
        },
        "identity_document": {"kind": "citizen_card", "number": "082187900001", "issued_on": "2021-05-14"},
        "phone": "0900123456",
    },
    "father": {"full_name": "Nguyễn Văn Ất", "birth_date": {"value": "1960", "precision": "year"}},
    "residences": [
        {
            "start": {"value": "2001-02", "precision": "month"},
            "end": {"value": "2026-11", "precision": "month"},
            "place": "Số 7 Lê Lợi, Phường Mỹ Tho, Tỉnh Đồng Tháp",
        }
    ],
}
MANDATEE: Final[dict[str, Any]] = {
    "full_name": "Trần Văn Ý",
    "sex": "male",
    "birth_date": {"value": "1990-02-28", "precision": "day"},
    "residence": {"street": "Ấp Mỹ Lợi"},
    "identity_document": {"kind": "identity_card", "number": "990000001"},
    "relation": "Anh ruột",
}


def body_with(**changes: Any) -> dict[str, Any]:
    """``ORDER_BODY`` changed; ``applicant__phone="…"`` reaches inside, None leaves out."""
    body = copy.deepcopy(ORDER_BODY)
    for path, value in changes.items():
        *above, last = path.split("__")
        inside = body
        for name in above:
            inside = inside[name]
        if value is None:
            inside.pop(last)
        else:
            inside[last] = value
    return body


def order_with(**changes: Any) -> ApplicationOrder:
    """The order of :func:`body_with`."""
    return ApplicationOrder.model_validate(body_with(**changes))


def a_call(effect: Effect = "read") -> Call:
    """A request inside the gateway."""
    operation, query = (APPLY, order_with()) if effect == "write" else (APPLICATION, QUERY)
    return Call(
        connector="criminal_records",
        operation=operation,
        query=query,
        caller="test",
        request_id="1",
        expires_at=1e9,
        trace=Trace(started=0.0),
    )


@dataclass
class FakeUpstream(Generic[S]):
    """Answers *body* to whatever is asked, through the dialect's own table and models."""

    settings: S
    dialect: Dialect
    body: object
    effect: Effect = "read"
    status: int = 200
    officer: Officer | None = None
    sent: list[Rest] = field(default_factory=list)

    @property
    def call(self) -> Call:
        """The request on whose behalf is asked."""
        return a_call(self.effect)

    async def ask(
        self,
        exchange: Exchange,
        into: type[W],
        *,
        same: Callable[[W], bool] | None = None,
        effect: Effect | None = None,
    ) -> W | None:
        """Sends nothing; judges *body* as the gateway would."""
        judge = ClassifyReply(
            self._reply, self.dialect.classify, FakeClock(), silence, "criminal_records", self.dialect.name
        )
        found = await judge(UpstreamRequest(exchange, self.call, effect or self.effect, into, same))
        assert found is None or isinstance(found, into)
        return found

    async def _reply(self, exchange: Exchange) -> Reply:
        """The answer, whatever was asked."""
        assert isinstance(exchange, Rest)
        self.sent.append(exchange)
        return Reply(self.status, {}, self.body)


def lltp(body: object, effect: Effect = "read", status: int = 200) -> FakeUpstream[Lltp2024Settings]:
    """The newer generation answering *body*."""
    return FakeUpstream(LLTP, LLTP2024, body, effect, status)


def ngsp(body: object, effect: Effect = "read", status: int = 200) -> FakeUpstream[NgspSettings]:
    """The NGSP answering *body*."""
    return FakeUpstream(ROAD, NGSP, body, effect, status)


def processed(state: object = "4", result: Mapping[str, object] | None = None, code: str = CODE) -> dict[str, Any]:
    """An answer of ``nhanTrangThai`` about one dossier."""
    entry = {"maHoSoMCDT": code, "trangThaiXuLy": state, "ketQuaXuLy": result}
    return {"status": 1, "statusDescription": "Thành công", "value": [entry]}
