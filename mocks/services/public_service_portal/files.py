"""`getfile`: the file at an address that a pushed message named."""

from __future__ import annotations

import base64
from typing import Final

from mocks.engine.matching import ByField
from mocks.engine.schema import Contract
from mocks.engine.service import Call, Reply, Request, World
from mocks.one_stop_shop.answers import DONE, NO_SUCH_FILE, OFF_CONTRACT, WELL, Refusal, refused, told
from mocks.one_stop_shop.pushes import Outbox
from mocks.one_stop_shop.sessions import Sessions, spent_session

NAME: Final = "getfile"
FILE_FIELDS: Final = frozenset({"error_code", "message", "result", "TenTepDinhKem", "Base64"})


def get_file(world: World, outbox: Outbox, sessions: Sessions) -> Call:
    """Returns the call `getfile {DuongDan}` [C]; what it answers is our assumption [S]."""
    contract = Contract(world.contract("public_service_portal/openapi.yaml"))
    schema = contract.named(NAME)

    def answer(request: Request) -> Reply:
        for breach in contract.breaches(schema, request.fields):
            return refused(
                request, Refusal(OFF_CONTRACT, f"Dữ liệu không hợp lệ: {breach}", str(breach)), as_text=False
            )
        found = outbox.file(request.fields["DuongDan"])
        if found is None:
            wrong = Refusal(NO_SUCH_FILE, "Không tìm thấy tệp", "/DuongDan: no such file")
            return refused(request, wrong, as_text=False)
        name = str(request.fields["DuongDan"]).rpartition("/")[2]
        result = {"TenTepDinhKem": name, "Base64": base64.b64encode(found).decode()}
        return told(WELL, DONE, as_text=False, result=result)

    return Call(
        name=NAME,
        method="POST",
        path="integration",
        match=ByField("service", NAME),
        authenticate=sessions.guard(as_text=False),
        spent=spent_session(as_text=False),
        answer=answer,
        why_no_another="its answer does not name the dossier",
        papers=frozenset({"Base64"}),
        shown=frozenset({"service", "madonvi", "DuongDan"}),
        fields=FILE_FIELDS,
    )
