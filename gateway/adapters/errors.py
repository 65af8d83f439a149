"""Turns an error of aiohttp's client into one of ours: one table for all protocols."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from typing import Final

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from gateway.core.problems import Failing, GatewayError, OffContract, OwnTrouble, Refused, TimedOut

_TLS_REASONS = {
    "CERTIFICATE_HAS_EXPIRED": "tls_expired",
    "certificate has expired": "tls_expired",
    "Hostname mismatch": "tls_wrong_host",
    "IP address mismatch": "tls_wrong_host",
}
_NOT_IN_FORM = range(80, 95)
"""OpenSSL's errors of ``X509_V_FLAG_X509_STRICT`` (x509_vfy.h): trusted, but not made as RFC 5280 demands."""


_OURS: Final = {
    errno.EMFILE: "descriptors",
    errno.ENFILE: "descriptors",
    errno.ENOBUFS: "memory",
    errno.ENOMEM: "memory",
    errno.EADDRNOTAVAIL: "addresses",
}
"""Errors of this machine, by the reason that the caller and the operator are told: no system has a part in them."""
OWN_RETRY_S: Final = 5.0


class BundleError(Exception):
    """A pinned contract is missing, changed or unusable: one sentence that says which file, and what to do."""


def tls_refused(error: BaseException) -> Refused:
    """The trust error behind *error*, by its reason word."""
    message = str(error)
    cause = getattr(error, "certificate_error", error)  # aiohttp wraps the error of ssl
    if getattr(cause, "verify_code", 0) in _NOT_IN_FORM:
        return Refused(
            "The upstream's TLS certificate does not have the form of RFC 5280; tls.strict accepts it.",
            reason="tls_not_strict",
            may_have_arrived=False,
        )
    reason = next((word for text, word in _TLS_REASONS.items() if text in message), "tls_untrusted")
    return Refused(
        "The upstream's TLS certificate is not trusted; its operator or ours must act.",
        reason=reason,
        may_have_arrived=False,
    )


def page_for_people() -> Failing:
    """The error of an HTML page in place of an answer: closed and broken systems send one."""
    return Failing("The upstream answered with an HTML page instead of data.", reason="maintenance")


def own_trouble(error: BaseException) -> OwnTrouble | None:
    """The error of this machine behind *error*: no descriptor, no port, no memory, or no resolver that answers."""
    cause = getattr(error, "os_error", error)  # aiohttp wraps the error of the system
    if isinstance(cause, socket.gaierror):
        # Another error of the resolver is its answer about the name.
        reason = "resolver" if cause.errno == socket.EAI_AGAIN else None
    else:
        reason = _OURS.get(cause.errno or 0) if isinstance(cause, OSError) else None
    if reason is None:
        return None
    return OwnTrouble("The gateway's machine could not open a connection.", reason=reason, retry_after=OWN_RETRY_S)


def our_error(error: Exception, *, answering: bool) -> GatewayError:
    """*error* as ours, without the frames that it came through: they hold the bytes of the answer."""
    if isinstance(error, GatewayError):
        return error.with_traceback(None)
    return of_client_error(error, answering=answering).replace(cause=cause_of(error))


def cause_of(error: BaseException) -> str:
    """The kind of *error* and the system's word for it; addresses, which may carry credentials, are left out."""
    below = getattr(error, "certificate_error", None) or getattr(error, "os_error", None) or error
    kind = type(error).__name__
    if isinstance(below, ssl.SSLError):
        return f"{kind}: {getattr(below, 'verify_message', '') or below.reason or 'TLS'}"
    if isinstance(below, socket.gaierror):
        return f"{kind}: {below.strerror}"
    if isinstance(below, OSError) and below.errno is not None and below.errno > 0:
        return f"{kind}: {os.strerror(below.errno)}"
    return kind


def of_client_error(error: Exception, *, answering: bool) -> GatewayError:
    """Maps an error of aiohttp's client; *answering*: the head of the answer had come.

    Most specific first; what is not listed is a subclass of something that is (a test walks aiohttp's tree).
    """
    if not answering and (ours := own_trouble(error)) is not None:
        return ours
    match error:
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return tls_refused(error)
        case aiohttp.ClientConnectorSSLError() | aiohttp.ServerFingerprintMismatch() | aiohttp.ClientSSLError():
            return Refused(
                "No TLS connection could be made to the upstream.", reason="tls_untrusted", may_have_arrived=False
            )
        case aiohttp.ClientConnectorDNSError() | aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return Failing("The upstream can't be reached.", reason="unreachable", may_have_arrived=False)
        case aiohttp.InvalidURL():
            return Failing("The upstream's address can't be used.", reason="unreachable", may_have_arrived=False)
        case TimeoutError():
            return TimedOut("The upstream did not answer in time.", reason="attempt")
        case aiohttp.ClientPayloadError() | aiohttp.ClientConnectionResetError() if answering:
            return Failing("The upstream's answer was cut off.", reason="cut_off")
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return OffContract("The upstream's answer is not HTTP that can be read.", reason="malformed")
        case aiohttp.ClientError() | OSError() if answering:
            return Failing("The upstream's answer was cut off.", reason="cut_off")
        case aiohttp.ClientError() | OSError():
            return Failing("The upstream closed the connection before it answered.", reason="unreachable")
        case _:
            return OffContract("The upstream's answer could not be read.", reason="malformed")
