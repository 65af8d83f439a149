"""X-Road's message protocol for REST: headers, the hash of a request, and errors of the road itself.

All functions are pure; the facts and their marks are those of ``contracts/xroad/README.md``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote
from uuid import uuid4

from gateway.core.problems import Failing, GatewayError, Internal, OffContract, Refused
from gateway.core.settings import XRoadSettings

ID: Final = "X-Road-Id"
_ERROR: Final = "x-road-error"
_HASH: Final = "x-road-request-hash"
_REQUEST_ID: Final = "X-Road-Request-Id"
_NOT_PASSED_ON: Final = frozenset({"host", "user-agent", "server", "content-length", "connection", "transfer-encoding"})
"""Headers of ours that a security server keeps for itself [G]."""
_REFUSALS: Final = frozenset({"UnknownMember", "UnknownService", "AccessDenied"})
_KIND: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def road_headers(settings: XRoadSettings) -> dict[str, str]:
    """The headers of each message, its id apart."""
    found = {"X-Road-Client": "/".join(quote(part, safe="") for part in settings.client.split("/"))}
    if settings.user_id is not None:
        found["X-Road-UserId"] = settings.user_id
    return found


def new_id() -> str:
    """A new ``X-Road-Id``: it names one exchange in the logs of both security servers."""
    return str(uuid4())


def road_error(status: int, headers: Mapping[str, str]) -> GatewayError | None:
    """The error of the road itself; None where the source answered, which the absence of the header proves [G].

    ``Server.ServerProxy`` is the security server of the source. Whether an order that the road could not bring there
    arrived is not known: a security server says ``NetworkError`` of a connection that was reset, too [C].
    """
    said = headers.get(_ERROR)
    if said is None:
        return None
    kind = said if _KIND.fullmatch(said) else "an error that cannot be shown"
    side, _, word = kind.partition(".")[2].partition(".")
    error: GatewayError
    if kind.startswith("Client."):
        error = Internal(
            f"The security server cannot read the gateway's message: {kind}.",
            reason="road_request",
            may_have_arrived=False,
        )
    elif word in _REFUSALS:
        error = Refused(
            f"The road refuses this gateway or does not know the source: {kind}.",
            reason="road_refused",
            may_have_arrived=False,
        )
    elif side == "ServerProxy":
        error = Failing(f"The source did not answer its security server: {kind}.", reason="provider_failed")
    else:
        error = Failing(f"The road did not carry the message: {kind}.", reason="road_failed")
    return error.replace(upstream_status=status)


def request_hash(method: str, target: str, sent: Iterable[tuple[str, str]], request_id: str, body: bytes) -> str:
    """``X-Road-Request-Hash``: base64 of SHA512(SHA512(headers) + SHA512(body)); without a body of SHA512(headers) [G].

    "Headers" are the method, *target* (path with query) and the headers that are passed on, as lines [C].
    """
    passed_on = (f"{name}:{value}" for name, value in sent if name.lower() not in _NOT_PASSED_ON)
    lines = (method, target, *passed_on, f"{_REQUEST_ID}:{request_id}")
    digest = hashlib.sha512("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")).digest()
    if body:
        digest = hashlib.sha512(digest + hashlib.sha512(body).digest()).digest()
    return base64.b64encode(digest).decode()


def is_answer_to(
    method: str, target: str, sent: Iterable[tuple[str, str]], body: bytes, headers: Mapping[str, str]
) -> bool:
    """Whether *headers* of an answer have the hash of this message."""
    request_id = headers.get(_REQUEST_ID.lower(), "")
    return headers.get(_HASH) == request_hash(method, target, sent, request_id, body)


def other_message() -> OffContract:
    """The error of an answer whose hash is not that of the message that was sent."""
    return OffContract(
        "The security server carried another message than the one that the gateway sent (X-Road-Request-Hash).",
        reason="request_hash",
    )
