"""One dossier that the mock portal pushes, followed from its push to the portal's word about its result."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from gateway.cli.client import Answered, Client

SYSTEM: Final = "public_service_portal"
OURS: Final = "000.00.04.H58-{}"
"""The province's own code of the dossier."""
REPORT: Final = f"{SYSTEM}.report_status"
HEARD: Final = "DongBoTrangThaiHoSo"
PATIENCE_S: Final = 15.0
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
    if not kept.ok:
        return
    link = kept.json["data"]["url"]
    yield Step("inbox.result", "", _sent("GET", link))
    status = {
        "national_code": code,
        "status": "finished",
        "processed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "documents": [{"file_name": "ket-qua.pdf", "url": link}],
    }
    told = client.ask(REPORT, {"dossier_code": ours}, status, {"X-Dossier-Id": ours})
    yield Step(REPORT, ours, told)
    if told.ok:
        yield Step("mocks.heard", code, _heard(mocks, code))


def _heard(mocks: str, code: str) -> Answered:
    """The decision of the mock portal about the status of *code*, once it has one; 504 where it gets none in time."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        listed = _sent("GET", f"{mocks}/__mock/journal?system={SYSTEM}&operation={HEARD}&limit=20")
        for entry in listed.json["entries"] if listed.ok else ():
            for decision in entry.get("decisions", ()):
                if decision["dossier"] == code:
                    return Answered(200, "application/json", json.dumps({"data": decision}).encode())
        time.sleep(0.2)
    return Answered(504, "application/json", json.dumps({"error": "the portal heard nothing"}).encode())


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
