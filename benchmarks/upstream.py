"""A minimal upstream that answers at once, so that the server in front of it is the limit.

``python -m benchmarks.upstream --port N [--delay SECONDS] [--slots N]`` speaks the registry's REST dialect, the legal
documents' SOAP dialect, applications for criminal records (taken, then in process), contributions to social insurance
and a road's token endpoint.
``--delay`` is the time of one answer; with ``--slots`` at most this many requests are in work and the others wait, as
at a source with a fixed capacity. ``GET /arrivals`` returns the number of requests.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from pathlib import Path
from typing import Final, cast

TOKEN: Final = json.dumps({"access_token": "bench", "token_type": "Bearer", "expires_in": 3600}).encode()
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
TAKEN: Final = json.dumps(
    {"status": 1, "statusDescription": "Gửi thông tin thành công", "errorCode": None, "errorDescription": None}
).encode()
_APPLICATION: Final = re.compile(rb'"maHoSoMCDT": ?"([^"]*)"')
_INSURED: Final = re.compile(rb'"maSoBhxh": ?"([^"]*)"')
_CODE: Final = re.compile(rb"msdn=([0-9-]+)")
_DOCUMENT: Final = re.compile(rb"<(?:\w+:)?(?:VanBanId|DocumentId|ItemID|Id|id)>([^<]*)<")
HANGING: Final = b"/hanging"


def enterprise() -> bytes:
    """Returns the registry's answer, 1.5 KB, with ``%b`` at the two places of the code."""
    facts = {
        "MainInformation": {
            "ENTERPRISE_ID": "4711",
            "ENTERPRISE_GDT_CODE": "%b",
            "IMP_BUSINESS_CODE": "%b",
            "ENTERPRISE_TYPE_ID": "3",
            "ENTERPRISE_TYPE_NAME": "Công ty cổ phần",
            "NAME": "CÔNG TY CỔ PHẦN ĐO LƯỜNG VÍ DỤ",
            "SHORT_NAME": "ĐLVD",
            "NAME_F": "EXAMPLE MEASURING JOINT STOCK COMPANY",
            "FOUNDING_DATE": "12/03/2009",
            "LAST_AMEND_DATE": "05/11/2024",
            "NUMBER_CHANGES": "7",
            "ENTERPRISE_STATUS": "1",
            "CAPITAL_AMOUNT": "25000000000",
        },
        "HOAdress": {
            "CityID": "79",
            "CityName": "Thành phố Hồ Chí Minh",
            "WardID": "26734",
            "WardName": "Phường Bến Nghé",
            "StreetNumber": "1 đường Ví Dụ",
            "AddressFullText": "1 đường Ví Dụ, Phường Bến Nghé, Thành phố Hồ Chí Minh",
        },
        "BusinessActivity": [
            {"CODE": "6201", "NAME": "Lập trình máy vi tính", "IS_MAIN": "1"},
            {"CODE": "6202", "NAME": "Tư vấn máy vi tính", "IS_MAIN": "0"},
            {"CODE": "7120", "NAME": "Kiểm tra và phân tích kỹ thuật", "IS_MAIN": "0"},
        ],
        "Member": [
            {"MEMBER_NAME": "NGUYỄN VĂN THỬ", "AMOUNT": "15000000000", "RATIO_PERCENT": "60", "COUNTRY": "Việt Nam"},
            {"MEMBER_NAME": "TRẦN THỊ MẪU", "AMOUNT": "10000000000", "RATIO_PERCENT": "40", "COUNTRY": "Việt Nam"},
        ],
        "Representatives": [{"FULL_NAME": "NGUYỄN VĂN THỬ", "POSITION": "Giám đốc"}],
    }
    return json.dumps({"data": facts}, ensure_ascii=False).encode()


class Work:
    """The time of an answer, the number of requests in work at once, and the number of requests received."""

    def __init__(self, delay: float, slots: int, soap: bytes) -> None:
        self.delay = delay
        self.gate = asyncio.Semaphore(slots) if slots else None
        self.arrivals = 0
        self.enterprise = enterprise()
        self.soap = soap
        period = {"tuThang": "199501", "denThang": "200005", "maDonVi": "TZ1078Z", "mucDong": "18700000.00"}
        self.contributions = json.dumps({"maSoBhxh": "%b", "errorCode": "00", "quaTrinhDong": period}).encode()
        entry = {"maHoSoMCDT": "%b", "trangThaiXuLy": "4", "ketQuaXuLy": None}
        self.state = json.dumps({"status": 1, "statusDescription": "Thành công", "value": [entry]}).encode()

    def answer(self, head: bytes, body: bytes) -> bytes:
        """Returns the body of the answer to a request."""
        if found := _CODE.search(head):
            return self.enterprise % (found[1], found[1])
        if head.startswith(b"GET /arrivals"):
            return b"%d" % self.arrivals
        if b"/token" in head.partition(b"\r\n")[0]:
            return TOKEN
        if b"/apiBHXH/" in head and (found := _INSURED.search(body)):
            return self.contributions % found[1]
        if b"/lltp2024" in head.partition(b"\r\n")[0]:
            return self.state % found[1] if len(body) < 500 and (found := _APPLICATION.search(body)) else TAKEN
        found = _DOCUMENT.search(body)
        return self.soap.replace(b"{id}", found[1] if found else b"")


class Connection(asyncio.Protocol):
    """One client connection; its requests come one after another, pipelined or not."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transport is not a subclass

    def connection_lost(self, _: Exception | None) -> None:
        self._transport = None
        for task in self._tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = int(found[1]) if (found := _LENGTH.search(head)) else 0
            if len(self._buffer) < end + 4 + length:
                return
            body = self._buffer[end + 4 : end + 4 + length]
            self._buffer = self._buffer[end + 4 + length :]
            self._take(head, body)

    def _take(self, head: bytes, body: bytes) -> None:
        asked = not head.startswith(b"GET /arrivals") and b"/token" not in head.partition(b"\r\n")[0]
        self._work.arrivals += asked
        if asked and HANGING in head.partition(b"\r\n")[0]:
            return
        if asked and self._work.delay:
            task = asyncio.ensure_future(self._later(head, body))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._send(head, body)

    async def _later(self, head: bytes, body: bytes) -> None:
        if self._work.gate is None:
            await asyncio.sleep(self._work.delay)
        else:
            async with self._work.gate:
                await asyncio.sleep(self._work.delay)
        self._send(head, body)

    def _send(self, head: bytes, body: bytes) -> None:
        if self._transport is None:
            return
        answer = self._work.answer(head, body)
        kind = b"text/xml; charset=utf-8" if body.startswith(b"<") else b"application/json"
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(answer), answer)
        )


async def main(port: int, work: Work) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(work), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def cli() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--slots", type=int, default=0)
    parser.add_argument("--soap", type=Path, help="a sample SOAP answer with {id} in it")
    given = parser.parse_args()
    from benchmarks.baselines import run

    async def start() -> None:
        await main(given.port, Work(given.delay, given.slots, given.soap.read_bytes() if given.soap else b""))

    run(start())


if __name__ == "__main__":
    cli()
