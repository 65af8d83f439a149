"""The asynchronous client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx

from lgsp_client.answer import Answer, AsyncPage, BatchResult
from lgsp_client.calls import AsyncConnectors
from lgsp_client.catalogue import Connector
from lgsp_client.content import AsyncContent
from lgsp_client.events import Event, Lines, of_events, patient
from lgsp_client.question import FileQuestion, PageQuestion, Question, many, one
from lgsp_client.request import BATCH, CONNECTOR, CONNECTORS, Caller, Defaults, Options, patience_for
from lgsp_client.response import Effect, error_of, misfit, read_answer, read_batch, read_payload, transport_error

T = TypeVar("T")


class AsyncClient(AsyncConnectors):
    """Asks the gateway at *url* with *key*: ``(await client.business_registry.enterprise("0300588569")).data.name``.

    It holds connections: close it, or use it in an ``async with`` block.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        http: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        **defaults: Unpack[Defaults],
    ) -> None:
        """Makes the client; nothing is asked yet.

        Args:
            url: Address of the gateway; a path before ``/v1`` is kept.
            key: The API key.
            http: Sends the requests, with its own settings, and is not closed by this client.
            transport: Carries the requests, where *http* is not given.
            **defaults: ``dossier``, ``user``, ``language`` and ``timeout`` of every call that does not give its own.

        Raises:
            ValueError: *url* is not an HTTP address, or *key* is empty.
        """
        self._set_up(Caller(url=url, key=key, **defaults), http, transport)

    @classmethod
    def from_env(
        cls,
        *,
        http: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        **defaults: Unpack[Defaults],
    ) -> Self:
        """As ``LGSP_URL``, ``LGSP_KEY``, and unless *defaults* say otherwise ``LGSP_DOSSIER`` and ``LGSP_USER``.

        Raises:
            ValueError: Where one of the first two is missing.
        """
        made = cls.__new__(cls)
        made._set_up(Caller.from_env(**defaults), http, transport)  # noqa: SLF001  # its own
        return made

    def _set_up(
        self, caller: Caller, http: httpx.AsyncClient | None, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._caller = caller
        self._own = http is None
        self._http = http or httpx.AsyncClient(transport=transport, timeout=patience_for(caller.timeout))
        super().__init__(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._caller.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections, unless they belong to an HTTP client that was given."""
        if self._own:
            await self._http.aclose()

    # ---- what is not an operation of one connector

    async def batch(self, questions: Sequence[Question[T]], **options: Unpack[Options]) -> list[BatchResult[T]]:
        """Asks up to 50 questions of :mod:`lgsp_client.questions` at once, for one dossier; only reads.

        A question that fails does not affect the others: see :meth:`BatchResult.unwrap`.
        """
        request = self._caller.batch(self._http, questions, options)
        return read_batch(BATCH, questions, await self._send(request, "read"))

    async def connectors(self, **options: Unpack[Options]) -> tuple[Connector, ...]:
        """The connected systems, their operations and their state."""
        return await self._catalogue(Question(CONNECTORS, {}, many(Connector)), options)

    async def connector(self, name: str, **options: Unpack[Options]) -> Connector:
        """One connected system, by its name (``business_registry``)."""
        return await self._catalogue(Question(CONNECTOR, {"name": name}, one(Connector)), options)

    # ---- questions of any kind

    async def ask(
        self, question: Question[T], options: Options | None = None, idempotency_key: str | None = None
    ) -> Answer[T]:
        """The answer to a question of :mod:`lgsp_client.questions`."""
        request = self._caller.request(self._http, question, options or {}, idempotency_key)
        return read_answer(question, await self._send(request, question.operation.effect))

    async def ask_page(self, question: PageQuestion[T], options: Options | None = None) -> AsyncPage[T]:
        """The first page of the answer to *question*, or the one that its page token names."""

        async def follow(token: str) -> AsyncPage[T]:
            return await self.ask_page(question.following(token), options)

        found = await self.ask(question, options)
        return AsyncPage(found.data, found.meta, found.status, found.location, found.headers, follow)

    @asynccontextmanager
    async def ask_file(self, question: FileQuestion, options: Options | None = None) -> AsyncIterator[AsyncContent]:
        """The file that answers *question*; the request is sent at the beginning of the ``async with`` block."""
        request = self._caller.request(self._http, question, options or {})
        response = await self._send(request, "read", stream=True)
        try:
            if not response.is_success:
                await self._load(response)
                raise error_of(response, "read")
            yield AsyncContent.of(response)
        finally:
            await response.aclose()

    async def events(
        self, question: Question[Any], after: int | None = None, options: Options | None = None
    ) -> AsyncIterator[Event]:
        """As :meth:`lgsp_client.Client.events`, for ``async for``."""
        request = patient(self._caller.request(self._http, of_events(question), options or {}), after)
        response = await self._send(request, "read", stream=True)
        try:
            if not response.is_success:
                await self._load(response)
                raise error_of(response, "read")
            lines = Lines()
            async for line in response.aiter_lines():
                if (event := lines.add(line)) is not None:
                    yield event
        except httpx.RequestError as error:
            raise transport_error(error, "read") from error
        finally:
            await response.aclose()

    async def _catalogue(self, question: Question[T], options: Options) -> T:
        response = await self._send(self._caller.request(self._http, question, options), "read")
        data = read_payload(question.operation, response).get("data")
        try:
            return question.read(data)
        except ValueError as error:
            raise misfit(error, question.operation, response) from None

    async def _send(self, request: httpx.Request, effect: Effect, *, stream: bool = False) -> httpx.Response:
        try:
            return await self._http.send(request, stream=stream)
        except httpx.RequestError as error:
            raise transport_error(error, effect) from error

    async def _load(self, response: httpx.Response) -> None:
        """Reads the body of a problem that came where a file was expected."""
        try:
            await response.aread()
        except httpx.RequestError as error:
            raise transport_error(error, "read") from error
