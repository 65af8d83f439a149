"""The port at which national systems push messages: keys and networks of its own, answers in the systems' own form.

A message is answered after it is on disk. What went wrong is told by ``error_code``, so that the sender knows whether
to send the same again, to send another, or to call its operator.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b, sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, NamedTuple
from uuid import uuid4

import orjson
import structlog
from aiohttp import hdrs, web
from pydantic import ValidationError

from gateway.api import problems
from gateway.api.auth import bearer_digest
from gateway.api.raw_response import RawResponse, head_of
from gateway.api.request import clean, invalid, parse_object, read_body
from gateway.api.routes import Request, Routes
from gateway.api.server import HttpServer
from gateway.core.clock import Clock
from gateway.core.events import InboundAnswered, Observer
from gateway.core.file_types import checked
from gateway.core.inbound import InboundFile, InboundKind, InboundMessage, InboundSystem
from gateway.core.mistakes import NUMBER_RANGE, TEXT_TOO_LONG
from gateway.core.problems import (
    FieldError,
    Forbidden,
    GatewayError,
    InProgress,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    Unauthenticated,
    UnknownRoute,
)
from gateway.durable.encryption import RowCipher
from gateway.durable.inbox import Inbox, Receipt
from gateway.durable.inbox_tables import FileToKeep, MessageToKeep

JSON: Final = "application/json; charset=utf-8"
LARGE: Final = 128 * 1024
"""Bytes from which on a message is read and sealed in a thread."""
MOST_DATA_BYTES: Final = 1024 * 1024
"""Bytes of a message without its files."""
LONGEST_CODE: Final = 200
"""Characters of a dossier's code; the table has an index on it."""
MOST_ERRORS: Final = 20
UNREADABLE: Final = frozenset(
    {
        "not_json",
        "not_an_object",
        "byte_order_mark",
        "given_twice",
        "too_deep",
        "too_many_values",
        "number_out_of_range",
    }
)
"""Mistakes of a body that could not be read; others are of its fields."""
log = structlog.get_logger("gateway.inbound")


class Cause(NamedTuple):
    """Why a message was not taken: *code* for the sender, *result* for the metrics, *text* for people."""

    code: str
    result: str
    text: str


WELL: Final = "00"
NO_KEY: Final = Cause("01", "unauthenticated", "Khóa không hợp lệ hoặc thiếu")
NOT_ALLOWED: Final = Cause("02", "forbidden", "Khóa không có quyền tại địa chỉ này hoặc từ mạng này")
TOO_LARGE: Final = Cause("03", "too_large", "Nội dung quá lớn")
NOT_JSON: Final = Cause("04", "not_json", "Không đọc được nội dung theo JSON, hoặc nội dung đến không đủ")
OFF_CONTRACT: Final = Cause("05", "off_contract", "Dữ liệu không đúng quy định, xem errors")
UNKNOWN_ROUTE: Final = Cause("06", "unknown_route", "Không có địa chỉ này")
IN_WORK: Final = Cause("07", "in_work", "Thông điệp này đang được xử lý, hãy gửi lại sau")
BUSY: Final = Cause("08", "busy", "Hệ thống đang bận, hãy gửi lại sau")
INTERNAL: Final = Cause("99", "internal", "Lỗi của hệ thống tiếp nhận")
_CAUSES: Final[Sequence[tuple[type[GatewayError], Cause]]] = (
    (Unauthenticated, NO_KEY),
    (Forbidden, NOT_ALLOWED),
    (PayloadTooLarge, TOO_LARGE),
    (UnknownRoute, UNKNOWN_ROUTE),
    (MethodNotAllowed, UNKNOWN_ROUTE),
    (NotFound, UNKNOWN_ROUTE),
    (InProgress, IN_WORK),
    (Overloaded, BUSY),
)


def cause_of(error: GatewayError) -> Cause:
    """The cause that *error* is told as."""
    if isinstance(error, InvalidRequest):
        codes = {item.mistake.code for item in error.errors}
        return NOT_JSON if not codes or codes & UNREADABLE else OFF_CONTRACT
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), INTERNAL)


def body_of(error: GatewayError, request_id: str) -> bytes:
    """The answer to a message that was not taken, in the systems' form."""
    cause = cause_of(error)
    found: dict[str, object] = {"error_code": cause.code, "message": cause.text, "request_id": request_id}
    if error.errors:
        found["errors"] = [
            {"pointer": item.pointer, "code": item.mistake.code, "message": item.mistake.vi}
            for item in error.errors[:MOST_ERRORS]
        ]
    return orjson.dumps(found)


@dataclass(frozen=True, slots=True)
class InboundCaller:
    """A key that may push. *networks*: from where, empty: from anywhere; *systems*: as which, empty: as any."""

    name: str
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    systems: frozenset[str] = frozenset()

    def comes_from(self, where: str) -> bool:
        """Whether an address is in its networks."""
        if not self.networks:
            return True
        try:
            found = _plain(ip_address(where.partition("%")[0]))
        except ValueError:
            return False
        return any(found in network for network in self.networks if network.version == found.version)


def _plain(found: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address in one that a socket for both families gives."""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return found if mapped is None else mapped


class BytesInWork:
    """The bytes of messages that are being read; more than *most* are refused."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0

    def resize(self, most: int) -> None:
        """Has room for *most* bytes from now on."""
        self._most = most

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Takes *size* bytes while the block runs; raises :class:`Overloaded`."""
        if self._used and self._used + size > self._most:
            raise Overloaded("Too many large messages arrive at once.", reason="inbox_full")
        self._used += size
        try:
            yield
        finally:
            self._used -= size


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads a message and seals what is kept of it. Bytes."""

    cipher: RowCipher
    file_limit: int

    def read(self, system: str, kind: InboundKind, caller: str, request_id: str, body: bytes) -> MessageToKeep:
        """The message in *body*.

        Raises:
            InvalidRequest: With the sender's names of the fields that are wrong.
        """
        sent = clean(parse_object(body))
        _check_numbers(sent)
        try:
            message = kind.read(sent)
        except ValidationError as error:
            raise invalid(error) from None
        return self.sealed(system, kind.name, caller, request_id, message, _canonical(sent))

    def sealed(
        self,
        system: str,
        kind: str,
        caller: str,
        request_id: str,
        message: InboundMessage,
        content: bytes,
        *,
        limit: int | None = MOST_DATA_BYTES,
    ) -> MessageToKeep:
        """The rows of *message*; *content* is equal for equal ones; *limit*: bytes without its files.

        Raises:
            InvalidRequest: It is too large.
        """
        data = message.data.__pydantic_serializer__.to_json(message.data, by_alias=True)
        if (limit is not None and len(data) > limit) or len(message.code) > LONGEST_CODE:
            raise InvalidRequest(errors=[FieldError("", TEXT_TOO_LONG)])
        files = tuple(map(self._file, message.files))
        answer: dict[str, object] = {
            "error_code": WELL,
            "message": "Thành công",
            "MaHoSo": message.code,
            "MaTiepNhan": uuid4().hex,
        }
        lost = [{"SoThuTu": n, "LyDo": file.reason} for n, file in enumerate(files, 1) if file.reason is not None]
        if lost:
            answer["TepLoi"] = lost
        return MessageToKeep(
            system=system,
            kind=kind,
            code=message.code,
            body_hash=blake2b(content, digest_size=32).digest(),
            caller=caller,
            request_id=request_id,
            body=self.cipher.encrypt(data, b"inbox.body"),
            answer=orjson.dumps(answer).decode(),
            files=files,
        )

    def _file(self, file: InboundFile) -> FileToKeep:
        told = {"name": file.name, "component_code": file.component_code, "address": file.address}
        info = self.cipher.encrypt(orjson.dumps(told), b"inbox_files.info")
        if file.content is None:
            state, reason = ("missing", "not_sent") if file.address is None else ("waiting", None)
            return FileToKeep(state, reason, info, None, None, None, None)
        found = checked(file.name, file.content, self.file_limit)
        size, digest = len(file.content), sha256(file.content).digest()
        if found.refused is not None:
            return FileToKeep("refused", found.refused, info, found.media_type, size, digest, None)
        body = self.cipher.encrypt(file.content, b"inbox_files.body")
        return FileToKeep("kept", None, info, found.media_type, size, digest, body)


def _check_numbers(value: Any) -> None:
    """Refuses a number that is too large for a float: it would be kept as nothing."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidRequest(errors=[FieldError("", NUMBER_RANGE)])
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_numbers(inner)


def _canonical(sent: Mapping[str, Any]) -> bytes:
    """The content whatever the sequence of its members: by it an equal message is known again."""
    try:
        return orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        raise InvalidRequest(errors=[FieldError("", NUMBER_RANGE)]) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushDoor:
    """Answers what is pushed. *ministries*: those that the configuration has; *limit*: bytes of a message."""

    callers: Mapping[bytes, InboundCaller]
    inbox: Inbox
    reader: Reader
    room: BytesInWork
    limit: int
    ministries: frozenset[str]
    clock: Clock
    observer: Observer

    def add_to(self, routes: Routes, systems: Sequence[InboundSystem]) -> None:
        """Adds a route for each kind of message of *systems*."""
        for system in systems:
            ministry = "/{ministry}" if system.by_ministry else ""
            for kind in system.kinds:
                routes.add("POST", f"/inbound/{system.slug}{ministry}/{kind.slug}", Push(self, system, kind).answer)

    def admit(self, request: Request) -> InboundCaller:
        """The caller behind the key.

        Raises:
            Unauthenticated: The key is not accepted.
            Forbidden: It is not accepted from this network, or as this system.
            UnknownRoute: There is no such system.
        """
        digest = bearer_digest(request.http.headers.get(hdrs.AUTHORIZATION))
        caller = self.callers.get(digest) if digest is not None else None
        if caller is None:
            raise Unauthenticated(reason="unknown_key" if digest is not None else "")
        request.caller = caller.name
        if not caller.comes_from(peer_of(request.http)):
            raise Forbidden(reason="network")
        if request.system is None:
            raise UnknownRoute
        if caller.systems and request.system not in caller.systems:
            raise Forbidden(reason="inbound_system")
        return caller

    def refused(self, error: GatewayError, request: Request) -> RawResponse:
        """The answer of an error; see :class:`gateway.api.dispatch.Dispatcher`."""
        self._tell(request, cause_of(error).result, error)
        return answered(error.status, body_of(error, request.request_id), request, problems.headers_of(error))

    def _tell(self, request: Request, result: str, error: GatewayError | None = None) -> None:
        kind = request.operation or ""
        self.observer(InboundAnswered(request.system or "", kind, result))
        told = log.warning if error is not None and error.fault != "caller" else log.info
        told(
            "inbound",
            request_id=request.request_id,
            system=request.system,
            kind=kind,
            caller=request.caller or None,
            result=result,
            status=200 if error is None else error.status,
            reason=(error.reason or None) if error is not None else None,
            mistakes=sorted({item.mistake.code for item in error.errors}) if error is not None else None,
            seconds=round(self.clock.monotonic() - request.started, 4),
        )

    def kept(self, receipt: Receipt, request: Request) -> RawResponse:
        """The answer to a message that is on disk."""
        self._tell(request, "repeated" if receipt.repeated else "received")
        return answered(200, receipt.answer.encode(), request)


def peer_of(http: web.BaseRequest) -> str:
    """The address of the other end of the connection; headers that name another one are not believed."""
    peer = http.transport.get_extra_info("peername") if http.transport is not None else None
    return str(peer[0]) if peer else ""


def answered(status: int, body: bytes, request: Request, more: Mapping[str, str] | None = None) -> RawResponse:
    """A response of this port."""
    headers = {
        "Content-Type": JSON,
        "X-Request-Id": request.request_id,
        "Cache-Control": "no-store",
        **(more or {}),
        "Date": request.date,
        "Content-Length": str(len(body)),
    }
    return RawResponse(status, head_of(status, headers), body)


@dataclass(frozen=True, slots=True)
class Push:
    """Answers one kind of message of one system."""

    door: PushDoor
    system: InboundSystem
    kind: InboundKind

    async def answer(self, request: Request) -> RawResponse:
        """Keeps the message and answers.

        Raises:
            GatewayError: It was not kept.
        """
        door, http = self.door, request.http
        request.write = True
        request.system, request.operation = self._name(request.path_values), self.kind.name
        caller = door.admit(request)
        assert request.system is not None, "a caller is admitted to a system"
        announced = http.content_length
        with door.room.taken(door.limit if announced is None else min(announced, door.limit)):
            body = await read_body(http, door.limit)
            given = request.system, self.kind, caller.name, request.request_id, body
            if len(body) <= LARGE:
                message = door.reader.read(*given)
            else:
                message = await asyncio.to_thread(door.reader.read, *given)
            del body, given
            return door.kept(await door.inbox.keep(message), request)

    def _name(self, values: Mapping[str, str]) -> str | None:
        """The system in the inbox; None for a ministry that the configuration does not have."""
        if not self.system.by_ministry:
            return self.system.connector
        ministry = values["ministry"].replace("-", "_")
        return f"{self.system.connector}.{ministry}" if ministry in self.door.ministries else None


class InboundServer(HttpServer):
    """The server below it, whose own refusals have the systems' form too."""

    def refusal(self, error: GatewayError) -> tuple[dict[str, str], bytes]:
        """See :class:`gateway.api.server.HttpServer`."""
        request_id = self.next_id()
        headers = {"Content-Type": JSON, "X-Request-Id": request_id, **problems.headers_of(error)}
        return headers, body_of(error, request_id)
