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

from yarl import URL

from gateway.adapters.in_flight import InFlight
from gateway.adapters.rest import RestAdapter
from gateway.adapters.road_session import road_session
from gateway.adapters.session import RawReply
from gateway.adapters.soap.answer import body_element, is_fault, read_fault, read_reply
from gateway.adapters.soap.contract import Contract, ContractOperation, load_contract
from gateway.adapters.soap.reader import Value
from gateway.adapters.soap.security import NONCE_BYTES, with_token
from gateway.adapters.soap.xml import Element, malformed
from gateway.core.clock import Clock, SystemClock
from gateway.core.message import Exchange, Reply, Rest, Soap, SoapFault, UsernameToken
from gateway.core.settings import UpstreamSettings


@dataclass(frozen=True, slots=True)
class _Operation:
    """One operation of the contract, with what the upstream's own settings add."""

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
        self._contract: Contract | None = None
        self._operations: dict[str, _Operation] = {}
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
        contract = self._contract = await asyncio.to_thread(load_contract, self._wsdl)
        common = {} if self._settings.api_key is None else {"X-API-KEY": self._settings.api_key.get_secret_value()}
        self._operations = {
            name: _Operation({**common, **operation.headers}, self._reader(contract.envelope, operation))
            for name, operation in contract.operations.items()
        }
        await self._session.open()

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
        assert self._contract is not None, "open() first"
        message = self._contract.writer.message(exchange.name, exchange.arguments)
        if self._token is not None:
            message = with_token(message, self._token, self._clock.now(), secrets.token_bytes(NONCE_BYTES))
        headers = operation.headers if not exchange.headers else {**operation.headers, **exchange.headers}
        return await self._session.carry("POST", self._url, headers, message, read=operation.read, gate=exchange.gate)

    def _reader(self, envelope: str, operation: ContractOperation) -> Callable[[RawReply], Reply]:
        def read(root: Element) -> dict[str, Value] | SoapFault:
            element = body_element(root, envelope)
            if is_fault(element):
                return read_fault(element)
            if element.tag != operation.answer:
                raise malformed("The answer is not the one to this operation.")
            return operation.values_of(element)

        return lambda found: read_reply(found, self._settings.limits, read)
