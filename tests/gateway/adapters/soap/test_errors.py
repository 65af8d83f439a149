"""Every error of the libraries below has a name of ours."""

from __future__ import annotations

from collections.abc import Iterator

import aiohttp
import httpx
import pytest
import zeep.exceptions

from gateway.adapters.soap.errors import of_httpx_error, of_zeep_error
from gateway.core.problems import Failing, GatewayError, Internal, OffContract, Refused, TimedOut

UNNAMED = "The upstream's answer could not be read."


def family(kind: type[Exception]) -> Iterator[type[Exception]]:
    """*kind* and all its subclasses."""
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def made(kind: type[Exception]) -> Exception:
    """An instance without running its own constructor."""
    return kind.__new__(kind)


HTTPX = sorted(
    {kind for root in (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict) for kind in family(root)},
    key=lambda kind: kind.__name__,
)
ZEEP = sorted(
    {
        kind
        for kind in family(zeep.exceptions.Error)
        if kind is not zeep.exceptions.Error and kind.__module__ == "zeep.exceptions"
    },
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", HTTPX)
@pytest.mark.parametrize("answering", [False, True])
def test_every_error_of_httpx_is_named(kind: type[Exception], answering: bool) -> None:
    """One that falls through to the last line is new: decide what it means."""
    found = of_httpx_error(made(kind), answering=answering)

    assert isinstance(found, GatewayError)
    assert str(found) != UNNAMED, kind


@pytest.mark.parametrize("kind", ZEEP)
def test_every_error_of_zeep_is_named(kind: type[zeep.exceptions.Error]) -> None:
    """As above."""
    found = of_zeep_error(made(kind))  # type: ignore[arg-type]

    assert str(found) != UNNAMED, kind


@pytest.mark.parametrize(
    ("kind", "answering", "expected", "reason", "sent"),
    [
        (httpx.ConnectError, False, Failing, "unreachable", False),
        (httpx.ConnectTimeout, False, Failing, "unreachable", False),
        (httpx.ReadTimeout, False, TimedOut, "attempt", True),
        (httpx.WriteError, False, Failing, "unreachable", True),
        (httpx.ReadError, False, Failing, "unreachable", True),
        (httpx.ReadError, True, Failing, "cut_off", True),
        (httpx.RemoteProtocolError, False, OffContract, "malformed", True),
        (httpx.LocalProtocolError, False, Internal, "", False),
        (httpx.UnsupportedProtocol, False, Failing, "unreachable", False),
    ],
)
def test_an_error_of_httpx_alone_means_what_it_says(
    kind: type[Exception], answering: bool, expected: type[GatewayError], reason: str, sent: bool
) -> None:
    """As where another transport than aiohttp's carries the message."""
    found = of_httpx_error(made(kind), answering=answering)

    assert (type(found), found.reason, found.may_have_arrived) == (expected, reason, sent)


def test_what_aiohttp_said_underneath_decides() -> None:
    """The transport's map calls a closed connection a connect timeout; the message had left."""
    wrapped = httpx.ConnectTimeout("")
    wrapped.__cause__ = aiohttp.ServerDisconnectedError()

    found = of_httpx_error(wrapped, answering=False)

    assert (type(found), found.reason, found.may_have_arrived) == (Failing, "unreachable", True)


@pytest.mark.parametrize(
    ("kind", "expected", "reason"),
    [
        (zeep.exceptions.DTDForbidden, OffContract, "forbidden_xml"),
        (zeep.exceptions.ExternalReferenceForbidden, OffContract, "forbidden_xml"),
        (zeep.exceptions.XMLParseError, OffContract, "malformed"),
        (zeep.exceptions.ValidationError, Internal, ""),
        (zeep.exceptions.Fault, Failing, "upstream_error"),
    ],
)
def test_an_error_of_zeep_means_what_it_says(
    kind: type[zeep.exceptions.Error], expected: type[GatewayError], reason: str
) -> None:
    """An answer's fault is theirs, a message that can't be built is ours."""
    found = of_zeep_error(made(kind))  # type: ignore[arg-type]

    assert (type(found), found.reason) == (expected, reason)
    assert not isinstance(found, Refused)
