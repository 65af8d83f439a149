"""One dossier that the mock portal pushes, followed from its push to the link of its result."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.cli.client import Answered, Client

SYSTEM: Final = "public_service_portal"
OURS: Final = "000.00.04.H58-{}"
"""The province's own code of the dossier."""
RESULT: Final = b"%PDF-1.4\n% a result of nobody\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and what came back."""

    operation: str
    request: str
    answered: Answered


def followed(client: Client, mocks: str, inbound: str) -> Iterator[Step]:
    """The steps; they end with the first that fails."""
    pushed = _push(mocks, inbound)
    yield Step("inbox.push", "", pushed)
    if not pushed.ok:
        return
    code = str(pushed.json["MaHoSo"])
    listed = client.ask("inbox.list", {}, {"code": code})
    yield Step("inbox.list", code, listed)
    if not listed.ok or not listed.json["data"]:
        return
    number, ours = str(listed.json["data"][0]["id"]), OURS.format(code.partition("-")[2])
    yield Step("inbox.ack", number, client.ask("inbox.ack", {"id": number}, {"dossier_code": ours}))
    result = {"dossier_code": ours, "file_name": "ket-qua.pdf", "content": base64.b64encode(RESULT).decode()}
    kept = client.ask("inbox.result_file", {}, result)
    yield Step("inbox.result_file", ours, kept)
    if kept.ok:
        yield Step("inbox.result", "", _sent("GET", kept.json["data"]["url"]))


def _push(mocks: str, inbound: str) -> Answered:
    """Lets the mock portal push a dossier, and gives what the gateway answered to it."""
    wish = {"system": SYSTEM, "kind": "dossier", "to": f"{inbound}/inbound/public-service-portal/dossier"}
    told = _sent("POST", f"{mocks}/__mock/push", wish)
    if not told.ok:
        return told
    answer = told.json["pushes"][0]["answers"][0]
    body = json.dumps(answer["answer"] or {"error": answer["error"]}, ensure_ascii=False).encode()
    return Answered(answer["status"] or 503, "application/json", body)


def _sent(method: str, url: str, body: Any = None) -> Answered:
    raw = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, raw, {"Content-Type": "application/json"}, method=method)  # noqa: S310  # our own processes
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310  # as above
            return Answered(reply.status, reply.headers.get_content_type(), reply.read())
    except urllib.error.HTTPError as error:
        return Answered(error.code, error.headers.get_content_type(), error.read())
