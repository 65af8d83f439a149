"""The portal's public page of procedures, dialect `page` [C]: open, a page of rows for each question."""

from __future__ import annotations

from typing import Any, Final
from zlib import crc32

import orjson

from mocks.engine.schema import Contract
from mocks.engine.service import Call, Reply, Request, World, json_reply
from mocks.one_stop_shop.procedures import Procedure
from mocks.services.public_service_portal.published import Published

NAME: Final = "procedure_advanced_search_service_v2"
PATH: Final = "jsp/rest.jsp"
PAGE_FIELDS: Final = frozenset({
    "ID", "PROCEDURE_CODE", "PROCEDURE_NAME", "PUBLISHED_AGENCY", "IMPLEMENTATION_AGENCY", "FIELD_NAME", "QDCBID",
    "AMOUNT", "ROW_STT",
})  # fmt: skip
_PUBLISHED_BY: Final = "Ủy ban nhân dân tỉnh Đồng Tháp"
_ALL: Final = "-1"
_FILTERS: Final = ("impl_agency_id", "object_id", "field_id", "impl_level_id")


def page(world: World, published: Published) -> Call:
    """Returns the call: `POST {params: JSON in a text}` → a list."""
    contract = Contract(world.contract("public_service_portal/page.yaml"))
    schema = contract.named("ThamSo")

    def answer(request: Request) -> Reply:
        asked = _params(request)
        for breach in contract.breaches(schema, asked):
            return _off_contract(request, str(breach))
        assert isinstance(asked, dict), "the contract asks for an object"
        if any(str(asked.get(name, _ALL)) != _ALL for name in _FILTERS):
            return json_reply([])  # ids of agencies and fields that nobody here knows [S]
        # The page compares letter by letter, but for capitals: whether it minds diacritics is our assumption [S].
        words = str(asked.get("keyword", "")).casefold()
        found = [known for known in published.all() if words in f"{known.code} {known.title}".casefold()]
        rows, number = int(asked["recordPerPage"]), int(asked["pageIndex"])
        start = rows * (number - 1)
        return json_reply([_row(known, place) for place, known in enumerate(found[start : start + rows], start + 1)])

    return Call(
        name=NAME,
        method="POST",
        path=PATH,
        answer=answer,
        why_no_another="a list does not identify one record",
        shown=frozenset({"params"}),
        fields=PAGE_FIELDS,
    )


def _params(request: Request) -> object:
    try:
        return orjson.loads(str(request.fields.get("params", "")))
    except orjson.JSONDecodeError:
        return None


def _off_contract(request: Request, breach: str) -> Reply:
    request.breach(f"params: {breach}")
    return json_reply({"message": "Tham số không hợp lệ"}, status=400)


def _row(known: Procedure, place: int) -> dict[str, Any]:
    number = crc32(known.code.encode()) % 1_000_000
    return {
        "ID": str(1_000_000 + number),
        "PROCEDURE_CODE": known.code,
        "PROCEDURE_NAME": known.title,
        "PUBLISHED_AGENCY": _PUBLISHED_BY,
        "IMPLEMENTATION_AGENCY": known.agency,
        "FIELD_NAME": known.field,
        "QDCBID": str(number),
        "AMOUNT": "3",
        "ROW_STT": str(place),
    }
