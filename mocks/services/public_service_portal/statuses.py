"""`DongBoTrangThaiHoSo`: the province tells how far a dossier is that the portal had pushed to it [C]."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, cast

from mocks.engine.decisions import Decision, fingerprint
from mocks.engine.matching import ByField
from mocks.engine.schema import Contract
from mocks.engine.service import Call, Reply, Request, World
from mocks.one_stop_shop.answers import DONE, NEVER_ACCEPTED, OFF_CONTRACT, WELL, Refusal, refused, told
from mocks.one_stop_shop.pushes import Outbox
from mocks.one_stop_shop.sessions import Sessions, spent_session

NAME: Final = "DongBoTrangThaiHoSo"
PUSHED_BEFORE: Final = tuple(f"000.00.00.G22-260105-{number:04d}" for number in range(1, 6))
"""Dossiers that the portal had pushed before the mock's start."""
MOST: Final = 200_000
"""Dossiers whose last status is kept; the oldest are removed."""


class Statuses:
    """The last status of each dossier that the portal pushed; a repeated one changes nothing [S]."""

    def __init__(self, world: World, outbox: Outbox) -> None:
        self._contract = Contract(world.contract("public_service_portal/openapi.yaml"))
        self._outbox = outbox
        self._last: OrderedDict[str, str] = OrderedDict()

    def call(self, sessions: Sessions) -> Call:
        """Returns the call."""
        return Call(
            name=NAME,
            method="POST",
            path="integration",
            match=ByField("service", NAME),
            authenticate=sessions.guard(as_text=True),
            spent=spent_session(as_text=True),
            answer=self._answer,
            repeat="same",
            why_no_another="its answer is a code that does not name the record",
            shown=frozenset({"service", "madonvi", "type", "MaHoSo", "MaHoSoDonVi"}),
            fields=frozenset({"error_code", "message"}),
        )

    def _answer(self, request: Request) -> Reply:
        schema = self._contract.named(NAME)
        for breach in self._contract.breaches(schema, request.fields):
            wrong = Refusal(OFF_CONTRACT, f"Dữ liệu không hợp lệ: {breach}", str(breach))
            return refused(request, wrong, as_text=True)
        told_of = cast("list[Mapping[str, Any]]", request.fields["data"])
        for index, one in enumerate(told_of):
            code = str(one["MaHoSo"])
            if code not in PUSHED_BEFORE and not self._outbox.filed(code):
                request.decide("refused", dossier=code, content=fingerprint(one), code=f"{NEVER_ACCEPTED:02d}")
                wrong = Refusal(NEVER_ACCEPTED, f"Không có hồ sơ {code}", f"/data/{index}/MaHoSo: was never pushed")
                return refused(request, wrong, as_text=True)
        request.decisions += [self._taken(one) for one in told_of]
        return told(WELL, DONE, as_text=True)

    def _taken(self, one: Mapping[str, Any]) -> Decision:
        code, content = str(one["MaHoSo"]), fingerprint(one)
        if self._last.get(code) == content:
            return Decision("repeated", code, None, content)
        self._last[code] = content
        self._last.move_to_end(code)
        if len(self._last) > MOST:
            self._last.popitem(last=False)
        return Decision("accepted", code, f"status {one['NgayXuLy']}", content)
