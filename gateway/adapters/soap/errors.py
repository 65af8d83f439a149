"""What goes wrong around a SOAP message, in our words: httpx above aiohttp's client, and zeep.

A test walks both libraries' trees, so that an error that they grow is met there and not in production.
"""

from __future__ import annotations

import aiohttp
import httpx
import zeep.exceptions as z

from gateway.adapters.errors import of_client_error
from gateway.core.problems import Failing, GatewayError, Internal, OffContract, TimedOut


def of_httpx_error(error: Exception, *, answering: bool) -> GatewayError:
    """Maps an error of httpx; *answering*: the head of the answer had come.

    What aiohttp said underneath decides where it is known: the transport between the two calls a server that
    closed the connection a *connect* timeout, which would let an order be sent twice.
    """
    cause = error if isinstance(error, aiohttp.ClientError | OSError) else error.__cause__
    if isinstance(cause, aiohttp.ClientError | OSError):
        return of_client_error(cause, answering=answering)
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ProxyError():
            return Failing("The upstream can't be reached.", reason="unreachable", may_have_arrived=False)
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return Failing("The upstream's address can't be used.", reason="unreachable", may_have_arrived=False)
        case httpx.TimeoutException():
            return TimedOut("The upstream did not answer in time.", reason="attempt")
        case httpx.DecodingError() | httpx.RemoteProtocolError() | httpx.TooManyRedirects() | httpx.CookieConflict():
            return OffContract("The upstream's answer is not HTTP that can be read.", reason="malformed")
        case httpx.LocalProtocolError():
            return Internal("The gateway's message can't be sent as HTTP.", may_have_arrived=False)
        case httpx.HTTPError() if answering:
            return Failing("The upstream's answer was cut off.", reason="cut_off")
        case httpx.HTTPError():
            return Failing("The upstream closed the connection before it answered.", reason="unreachable")
        case _:
            return OffContract("The upstream's answer could not be read.", reason="malformed")


def of_zeep_error(error: z.Error) -> GatewayError:
    """Maps an error of zeep, which here builds messages from the pinned contract and never sees the network."""
    match error:
        case z.Fault():
            return Failing("The upstream answered with a fault of its own.", reason="upstream_error")
        case z.TransportError():
            return Failing("The upstream can't be reached.", reason="unreachable")
        case z.DTDForbidden() | z.EntitiesForbidden() | z.ExternalReferenceForbidden():
            return OffContract("The answer has a DOCTYPE; none is ever read.", reason="forbidden_xml")
        case z.XMLSyntaxError() | z.XMLParseError() | z.UnexpectedElementError() | z.SignatureVerificationFailed():
            return OffContract("The answer is not what its contract says.", reason="malformed")
        case (
            z.ValidationError()
            | z.LookupError()
            | z.NamespaceError()
            | z.WsdlSyntaxError()
            | z.IncompleteMessage()
            | z.IncompleteOperation()
        ):
            return unbuildable()
        case _:
            return OffContract("The upstream's answer could not be read.", reason="malformed")


def unbuildable() -> Internal:
    """The connector's arguments and the pinned contract disagree: a bug of ours, and nothing was sent."""
    return Internal("The gateway's message does not fit the pinned contract.", may_have_arrived=False)
