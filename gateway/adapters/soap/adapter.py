"""SOAP over HTTP: zeep knows the pinned contract and builds the message, httpx over aiohttp's client carries it.

What comes back is weighed and looked at here (status, media type, size, DOCTYPE, the one element of the Body) before
its values are read by the types of the contract; zeep never sees an answer, and nothing is ever fetched for one.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
import httpx
import zeep
import zeep.exceptions
from httpx_aiohttp import AiohttpTransport
from lxml import etree
from zeep.wsdl.bindings.soap import Soap12Binding, SoapBinding

from gateway.adapters.errors import BundleError
from gateway.adapters.limits import ACCEPT_ENCODING, BodyReader
from gateway.adapters.rest import RestAdapter, is_forbidden, make_session, private_address
from gateway.adapters.soap.answer import SOAP_11, SOAP_12, body_element, read_fault, read_reply
from gateway.adapters.soap.bundle import load_client
from gateway.adapters.soap.errors import of_httpx_error, of_zeep_error, unbuildable
from gateway.adapters.soap.reader import UnsupportedContract, Value, compile_body
from gateway.adapters.soap.writer import SoapWriter, texts_of
from gateway.adapters.soap.xml import Element, malformed
from gateway.core.message import Exchange, Reply, Rest, Soap, SoapFault
from gateway.core.problems import FieldError, GatewayError, InvalidRequest
from gateway.core.settings import UpstreamSettings

_CARRIER_ERRORS: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    aiohttp.ClientError,
    OSError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation of the pinned contract, prepared."""

    headers: httpx.Headers
    answer: str
    """Tag of the response element."""
    read: Callable[[Element], dict[str, Value]]


class SoapAdapter:
    """One upstream's SOAP client.

    The caller bounds the time; cancellation closes the connection. ``Rest`` exchanges (a road's token request) are
    sent as :class:`RestAdapter` does.

    Args:
        settings: The upstream's.
        wsdl: The pinned WSDL; its folder holds the lock of the bundle.
        carrier: In place of aiohttp's client below httpx, for tests.
    """

    def __init__(
        self, settings: UpstreamSettings, wsdl: Path, *, carrier: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._settings = settings
        self._url = httpx.URL(settings.url)
        self._wsdl = wsdl
        self._forbidden = is_forbidden(settings)
        self._rest = RestAdapter(settings)
        self._carrier = carrier
        self._client: zeep.AsyncClient | None = None
        self._envelope = SOAP_11
        self._operations: dict[str, _Operation] = {}
        self._writer: SoapWriter | None = None

    async def open(self) -> None:
        """Loads the contract in a thread and makes the client; nothing is asked.

        Raises:
            BundleError: When the pinned contract is not the approved one or can't be used.
        """
        try:
            await self._rest.open()
            if self._carrier is None:
                self._carrier = make_carrier(make_session(self._settings))
            client = httpx.AsyncClient(transport=self._carrier, trust_env=False)
            self._client = await asyncio.to_thread(load_client, self._wsdl, client)
            self._prepare(self._client.service._binding)  # noqa: SLF001  # zeep has no public name for it
        except UnsupportedContract as error:
            await self.close()
            raise BundleError(f"{self._wsdl} has what is not read yet: {error}") from error
        except BaseException:
            await self.close()
            raise

    def _prepare(self, binding: SoapBinding) -> None:
        self._envelope = SOAP_12 if isinstance(binding, Soap12Binding) else SOAP_11
        common = {"User-Agent": "lgsp-gateway", "Accept-Encoding": ACCEPT_ENCODING}
        if self._settings.api_key is not None:
            common["X-API-KEY"] = self._settings.api_key.get_secret_value()
        texts: dict[str, frozenset[str]] = {}
        for name, operation in binding.all().items():  # type: ignore[no-untyped-call]  # zeep is half typed
            action = f'"{operation.soapaction or ""}"'
            if self._envelope == SOAP_12:
                own = {"Content-Type": f"application/soap+xml; charset=utf-8; action={action}"}
            else:
                own = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
            body = operation.output.body
            self._operations[name] = _Operation(httpx.Headers({**common, **own}), body.qname.text, compile_body(body))
            texts[name] = texts_of(operation.input.body)
        assert self._client is not None
        if self._client.wsse is not None or self._client.plugins:
            texts = dict.fromkeys(texts, frozenset())  # they put something of its own into each message
        self._writer = SoapWriter(self._build, texts)

    async def close(self) -> None:
        """Closes its connections."""
        await self._rest.close()
        if self._carrier is not None:
            await self._carrier.aclose()
            self._carrier = None
        self._client = None

    async def send(self, exchange: Exchange) -> Reply:
        """Sends *exchange* and reads its answer whole; ``body`` is a mapping of the body element or a fault.

        Raises:
            GatewayError: As the error table says; ``sent`` is False where no byte of the message left.
        """
        if isinstance(exchange, Rest):
            return await self._rest.send(exchange)
        assert isinstance(exchange, Soap)
        if self._forbidden:
            raise private_address()
        operation = self._operations[exchange.name]
        assert self._writer is not None, "open() first"
        message = self._writer.message(exchange.name, exchange.arguments)
        request = httpx.Request("POST", self._url, headers=operation.headers, content=message)
        if exchange.headers:
            request.headers.update(exchange.headers)
        status, headers, body = await self._carry(request)
        return read_reply(status, headers, body, self._settings.limits, self._reader(operation))

    def _build(self, name: str, arguments: Mapping[str, object]) -> bytes:
        client = self._client
        assert client is not None, "open() first"
        try:
            envelope = client.create_message(client.service, name, **arguments)  # type: ignore[no-untyped-call]
        except zeep.exceptions.Error as error:
            raise of_zeep_error(error) from None
        except ValueError:
            if _fits_xml(arguments):
                raise unbuildable() from None
            message = "contains a character that XML can't carry; remove it"
            raise InvalidRequest(
                "The question can't be sent.", errors=[FieldError("", message)], may_have_arrived=False
            ) from None
        except TypeError:
            raise unbuildable() from None
        return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)

    async def _carry(self, request: httpx.Request) -> tuple[int, dict[str, str], bytes]:
        """Straight through the transport: looking for cookies and redirects took httpx's client a fifth of a call."""
        assert self._carrier is not None, "open() first"
        answering = False
        try:
            response = await self._carrier.handle_async_request(request)
            stream = response.stream
            assert isinstance(stream, httpx.AsyncByteStream)
            try:
                answering = True
                headers = dict(response.headers)
                length = headers.get("content-length", "")
                declared = int(length) if length.isascii() and length.isdigit() else None
                reader = BodyReader(self._settings.limits, headers.get("content-encoding", ""), declared)
                async for chunk in stream:
                    reader.feed(chunk)
                return response.status_code, headers, reader.whole()
            finally:
                await stream.aclose()
        except GatewayError:
            raise
        except _CARRIER_ERRORS as error:
            raise of_httpx_error(error, answering=answering) from None

    def _reader(self, operation: _Operation) -> Callable[[Element], dict[str, Value] | SoapFault]:
        def read(root: Element) -> dict[str, Value] | SoapFault:
            element = body_element(root, self._envelope)
            if element.tag == f"{{{self._envelope}}}Fault":
                return read_fault(element, self._envelope)
            if element.tag != operation.answer:
                raise malformed("The answer is not the one to this operation.")
            return operation.read(element)

        return read


def make_carrier(session: aiohttp.ClientSession) -> httpx.AsyncBaseTransport:
    """The httpx transport over *session*, which it closes; trust is the session's, the context here is never used."""
    return AiohttpTransport(client=session, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _fits_xml(value: object) -> bool:
    """Whether lxml takes every text in *value*: characters of XML 1.0 section 2.2 only."""
    if isinstance(value, Mapping):
        return all(map(_fits_xml, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_fits_xml, value))
    if not isinstance(value, str):
        return True
    try:
        etree.Element("probe").text = value
    except ValueError:
        return False
    return True
