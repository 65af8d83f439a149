"""Every error that aiohttp's client has, or grows, becomes one of ours, by where it happened."""

from __future__ import annotations

import errno
import socket
import ssl

import aiohttp
import pytest
from aiohttp import client_exceptions

from gateway.adapters.errors import of_client_error, tls_refused
from gateway.core.problems import Failing, GatewayError, OffContract, OwnTrouble, Refused, TimedOut

UNKNOWN = "The upstream's answer could not be read."
"""What is said of an error that no line of the table names."""


def client_errors() -> list[type[Exception]]:
    """All exceptions of HTTP that aiohttp's client declares; those of websockets are never met."""
    found = [cls for cls in vars(client_exceptions).values() if isinstance(cls, type) and issubclass(cls, Exception)]
    ours = [cls for cls in found if cls.__module__ == client_exceptions.__name__ and not cls.__name__.startswith("WS")]
    assert aiohttp.ClientPayloadError in ours
    return ours


def bare(cls: type[Exception]) -> Exception:
    """An instance that says nothing of itself: only its class decides."""

    class Bare(cls):  # type: ignore[misc, valid-type]  # the class is the test's parameter
        def __init__(self) -> None:
            Exception.__init__(self)

        def __str__(self) -> str:
            return "canary-5512"

    return Bare()


@pytest.mark.parametrize("answering", [False, True])
@pytest.mark.parametrize("cls", client_errors())
def test_every_client_error_is_in_the_table(cls: type[Exception], answering: bool) -> None:
    """An error that aiohttp grows is met here and not in production; its text never goes on."""
    ours = of_client_error(bare(cls), answering=answering)

    assert isinstance(ours, GatewayError)
    assert str(ours) != UNKNOWN
    assert "canary" not in str(ours)


@pytest.mark.parametrize(
    ("error", "answering", "kind", "reason", "sent"),
    [
        (ConnectionRefusedError(), False, Failing, "unreachable", True),
        (ConnectionResetError(), False, Failing, "unreachable", True),
        (ConnectionResetError(), True, Failing, "cut_off", True),
        (aiohttp.ClientPayloadError(), True, Failing, "cut_off", True),
        (aiohttp.ServerDisconnectedError(), False, Failing, "unreachable", True),
        (aiohttp.ServerDisconnectedError(), True, Failing, "cut_off", True),
        (aiohttp.ConnectionTimeoutError(), False, Failing, "unreachable", False),
        (aiohttp.ServerTimeoutError(), False, TimedOut, "attempt", True),
        (TimeoutError(), False, TimedOut, "attempt", True),
        (aiohttp.InvalidURL("x"), False, Failing, "unreachable", False),
        (ssl.SSLCertVerificationError("x"), False, Refused, "tls_untrusted", False),
        (ValueError(), False, OffContract, "malformed", True),
    ],
)
def test_error_is_told_by_what_it_means(
    error: Exception, answering: bool, kind: type[GatewayError], reason: str, sent: bool
) -> None:
    """What happened, whether it may be tried again, and whether bytes had left."""
    ours = of_client_error(error, answering=answering)

    assert (type(ours), ours.reason, ours.may_have_arrived) == (kind, reason, sent)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("certificate verify failed: certificate has expired (_ssl.c:1)", "tls_expired"),
        ("certificate verify failed: Hostname mismatch, certificate is not valid for 'x'.", "tls_wrong_host"),
        ("certificate verify failed: IP address mismatch, certificate is not valid for '1.2.3.4'.", "tls_wrong_host"),
        ("certificate verify failed: self-signed certificate", "tls_untrusted"),
        ("certificate verify failed: unable to get local issuer certificate", "tls_untrusted"),
    ],
)
def test_lack_of_trust_has_its_word(message: str, reason: str) -> None:
    """Expired, another's, or nobody's: the operator reads which."""
    assert tls_refused(ssl.SSLCertVerificationError(message)).reason == reason


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "descriptors"),
        (OSError(errno.ENFILE, "Too many open files in system"), "descriptors"),
        (OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address"), "addresses"),
        (OSError(errno.ENOBUFS, "No buffer space available"), "memory"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "resolver"),
    ],
)
def test_trouble_of_this_machine_is_no_sources(cause: OSError, reason: str) -> None:
    """The caller is told that the gateway is at fault, and nothing counts against the source."""
    wrapped = bare(aiohttp.ClientConnectorError)
    wrapped._os_error = cause  # type: ignore[attr-defined]  # as aiohttp keeps it
    ours = of_client_error(wrapped, answering=False)

    assert (type(ours), ours.reason, ours.fault, ours.counts_for_breaker) == (OwnTrouble, reason, "gateway", False)
    assert not ours.may_have_arrived


def test_a_name_that_does_not_exist_is_the_sources() -> None:
    """The resolver answered: the address in the configuration, or the source's own name, is wrong."""
    wrapped = bare(aiohttp.ClientConnectorDNSError)
    wrapped._os_error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")  # type: ignore[attr-defined]

    assert of_client_error(wrapped, answering=False).reason == "unreachable"
