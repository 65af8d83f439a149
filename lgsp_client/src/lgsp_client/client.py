"""The synchronous client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

import httpx

from lgsp_client.answer import Answer, BatchResult, Page
from lgsp_client.calls import Connectors
from lgsp_client.catalogue import Connector
from lgsp_client.content import Content
from lgsp_client.events import Event, Lines, of_events, patient
from lgsp_client.question import FileQuestion, PageQuestion, Question, many, one
from lgsp_client.request import BATCH, CONNECTOR, CONNECTORS, Caller, Defaults, Options, patience_for
from lgsp_client.response import Effect, error_of, misfit, read_answer, read_batch, read_payload, transport_error

T = TypeVar("T")


class Client(Connectors):
    """Asks the gateway at *url* with *key*: ``client.business_registry.enterprise("0300588569").data.name``.

    One client serves many threads. It holds connections: close it, or use it in a ``with`` block.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        http: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
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
        http: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        **defaults: Unpack[Defaults],
    ) -> Self:
        """As ``LGSP_URL``, ``LGSP_KEY``, and unless *defaults* say otherwise ``LGSP_DOSSIER`` and ``LGSP_USER``.

        Raises:
            ValueError: Where one of the first two is missing.
        """
        made = cls.__new__(cls)
        made._set_up(Caller.from_env(**defaults), http, transport)  # noqa: SLF001  # its own
        return made

    def _set_up(self, caller: Caller, http: httpx.Client | None, transport: httpx.BaseTransport | None) -> None:
        self._caller = caller
        self._own = http is None
        self._http = http or httpx.Client(transport=transport, timeout=patience_for(caller.timeout))
        super().__init__(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._caller.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections, unless they belong to an HTTP client that was given."""
        if self._own:
            self._http.close()

    # ---- what is not an operation of one connector

    def batch(self, questions: Sequence[Question[T]], **options: Unpack[Options]) -> list[BatchResult[T]]:
        """Asks up to 50 questions of :mod:`lgsp_client.questions` at once, for one dossier; only reads.

        A question that fails does not affect the others: see :meth:`BatchResult.unwrap`.
        """
        request = self._caller.batch(self._http, questions, options)
        return read_batch(BATCH, questions, self._send(request, "read"))

    def connectors(self, **options: Unpack[Options]) -> tuple[Connector, ...]:
        """The connected systems, their operations and their state."""
        return self._catalogue(Question(CONNECTORS, {}, many(Connector)), options)

    def connector(self, name: str, **options: Unpack[Options]) -> Connector:
        """One connected system, by its name (``business_registry``)."""
        return self._catalogue(Question(CONNECTOR, {"name": name}, one(Connector)), options)

    # ---- questions of any kind

    def ask(
        self, question: Question[T], options: Options | None = None, idempotency_key: str | None = None
    ) -> Answer[T]:
        """The answer to a question of :mod:`lgsp_client.questions`."""
        request = self._caller.request(self._http, question, options or {}, idempotency_key)
        return read_answer(question, self._send(request, question.operation.effect))

    def ask_page(self, question: PageQuestion[T], options: Options | None = None) -> Page[T]:
        """The first page of the answer to *question*, or the one that its page token names."""

        def follow(token: str) -> Page[T]:
            return self.ask_page(question.following(token), options)

        found = self.ask(question, options)
        return Page(found.data, found.meta, found.status, found.location, found.headers, follow)

    @contextmanager
    def ask_file(self, question: FileQuestion, options: Options | None = None) -> Iterator[Content]:
        """The file that answers *question*; the request is sent at the beginning of the ``with`` block."""
        request = self._caller.request(self._http, question, options or {})
        response = self._send(request, "read", stream=True)
        try:
            if not response.is_success:
                self._load(response)
                raise error_of(response, "read")
            yield Content.of(response)
        finally:
            response.close()

    def events(
        self, question: Question[Any], after: int | None = None, options: Options | None = None
    ) -> Iterator[Event]:
        """Iterates the events of the record that *question* asks for, such as ``questions.application("…")``.

        The iterator ends when the gateway ends the stream; ask again *after* the id of the last event.

        Raises:
            LgspError: The gateway refused, or the connection broke.
        """
        request = patient(self._caller.request(self._http, of_events(question), options or {}), after)
        response = self._send(request, "read", stream=True)
        try:
            if not response.is_success:
                self._load(response)
                raise error_of(response, "read")
            lines = Lines()
            for line in response.iter_lines():
                if (event := lines.add(line)) is not None:
                    yield event
        except httpx.RequestError as error:
            raise transport_error(error, "read") from error
        finally:
            response.close()

    def _catalogue(self, question: Question[T], options: Options) -> T:
        response = self._send(self._caller.request(self._http, question, options), "read")
        data = read_payload(question.operation, response).get("data")
        try:
            return question.read(data)
        except ValueError as error:
            raise misfit(error, question.operation, response) from None

    def _send(self, request: httpx.Request, effect: Effect, *, stream: bool = False) -> httpx.Response:
        try:
            return self._http.send(request, stream=stream)
        except httpx.RequestError as error:
            raise transport_error(error, effect) from error

    def _load(self, response: httpx.Response) -> None:
        """Reads the body of a problem that came where a file was expected."""
        try:
            response.read()
        except httpx.RequestError as error:
            raise transport_error(error, "read") from error
