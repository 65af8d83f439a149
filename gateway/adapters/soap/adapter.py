"""SOAP over HTTP: zeep knows the pinned contract, and the upstream's one session carries the message.

Status, media type, size, DOCTYPE and the one element of the Body of an answer are checked here, before its values are
read by the types of the contract. zeep never sees an answer, and nothing is ever fetched for one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import zeep
import zeep.exceptions
from lxml import etree
from yarl import URL
from zeep.wsdl.bindings.soap import Soap12Binding, SoapBinding

from gateway.adapters.errors import BundleError
from gateway.adapters.in_flight import InFlight
from gateway.adapters.rest import RestAdapter
from gateway.adapters.road_session import road_session
from gateway.adapters.session import RawReply
from gateway.adapters.soap.answer import SOAP_11, SOAP_12, body_element, is_fault, read_fault, read_reply
from gateway.adapters.soap.bundle import load_client
from gateway.adapters.soap.errors import of_zeep_error, unbuildable
from gateway.adapters.soap.reader import UnsupportedContract, Value, compile_body
from gateway.adapters.soap.security import NONCE_BYTES, with_token
from gateway.adapters.soap.writer import SoapWriter
from gateway.adapters.soap.xml import Element, malformed
from gateway.core.clock import Clock, SystemClock
from gateway.core.message import Exchange, Reply, Rest, Soap, SoapFault, UsernameToken
from gateway.core.mistakes import NO_XML_CHARACTER
from gateway.core.problems import FieldError, InvalidRequest
from gateway.core.settings import UpstreamSettings


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation of the pinned contract, prepared."""

    headers: Mapping[str, str]
    read: Callable[[RawReply], Reply]


class SoapAdapter:
    """One upstream's SOAP client.

    ``Rest`` exchanges (a road's token request) are sent as :class:`RestAdapter` does, over the same connections.

    Args:
        settings: The upstream's.
        wsdl: The pinned WSDL; its folder holds the lock of the bundle.
        room: Bounds the bytes of answers over all upstreams.
        token: The account in the WS-Security header of each message, where there is one.
        clock: Dates the tokens; by default the machine's, whatever day the gateway's own clock has.
        on_drift: Told of what the road changed in a message.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        wsdl: Path,
        *,
        room: InFlight | None = None,
        token: UsernameToken | None = None,
        clock: Clock | None = None,
        on_drift: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._url = URL(settings.base)
        self._wsdl = wsdl
        self._session = road_session(settings, room, on_drift)
        self._rest = RestAdapter(settings, self._session)
        self._client: zeep.Client | None = None
        self._envelope = SOAP_11
        self._operations: dict[str, _Operation] = {}
        self._writer: SoapWriter | None = None
        self._token = token
        self._clock = clock or SystemClock()

    @property
    def certificate_ends_at(self) -> float:
        """When the certificate that the upstream showed last ends, in seconds since 1970; NaN before the first."""
        return self._session.certificate_ends_at

    async def open(self) -> None:
        """Loads the contract in a thread and makes the client; nothing is asked.

        Raises:
            BundleError: When the pinned contract is not the approved one or can't be used.
        """
        await asyncio.to_thread(self._load)
        await self._session.open()

    def _load(self) -> None:
        self._client = load_client(self._wsdl)
        try:
            self._prepare(self._client.service._binding)  # noqa: SLF001  # zeep has no public name for it
        except UnsupportedContract as error:
            raise BundleError(f"{self._wsdl} has what is not read yet: {error}") from error

    def _prepare(self, binding: SoapBinding) -> None:
        self._envelope = SOAP_12 if isinstance(binding, Soap12Binding) else SOAP_11
        common = {} if self._settings.api_key is None else {"X-API-KEY": self._settings.api_key.get_secret_value()}
        inputs = {}
        for name, operation in binding.all().items():  # type: ignore[no-untyped-call]  # zeep is half typed
            action = f'"{operation.soapaction or ""}"'
            if self._envelope == SOAP_12:
                own = {"Content-Type": f"application/soap+xml; charset=utf-8; action={action}"}
            else:
                own = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": action}
            body = operation.output.body
            self._operations[name] = _Operation({**common, **own}, self._reader(body.qname.text, compile_body(body)))
            inputs[name] = operation.input.body
        self._writer = SoapWriter(self._build, self._envelope, inputs)

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def send(self, exchange: Exchange) -> Reply:
        """Sends *exchange* and reads its answer whole; ``body`` is a mapping of the body element or a fault.

        Raises:
            GatewayError: As the error table says; ``may_have_arrived`` is False where no byte of the message left.
        """
        if isinstance(exchange, Rest):
            return await self._rest.send(exchange)
        assert isinstance(exchange, Soap)
        operation = self._operations[exchange.name]
        assert self._writer is not None, "open() first"
        message = self._writer.message(exchange.name, exchange.arguments)
        if self._token is not None:
            message = with_token(message, self._token, self._clock.now(), secrets.token_bytes(NONCE_BYTES))
        headers = operation.headers if not exchange.headers else {**operation.headers, **exchange.headers}
        return await self._session.carry("POST", self._url, headers, message, read=operation.read, gate=exchange.gate)

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
            raise InvalidRequest(errors=[FieldError("", NO_XML_CHARACTER)], may_have_arrived=False) from None
        except TypeError:
            raise unbuildable() from None
        return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)

    def _reader(self, answer: str, values_of: Callable[[Element], dict[str, Value]]) -> Callable[[RawReply], Reply]:
        """Reads a reply whose body element has the tag *answer*."""

        def read(root: Element) -> dict[str, Value] | SoapFault:
            element = body_element(root, self._envelope)
            if is_fault(element):
                return read_fault(element)
            if element.tag != answer:
                raise malformed("The answer is not the one to this operation.")
            return values_of(element)

        return lambda found: read_reply(found, self._settings.limits, read)


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
