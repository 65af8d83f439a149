"""The methods of a client that the generated methods call."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol, TypeVar

from lgsp_client.answer import Answer, AsyncPage, Page
from lgsp_client.content import AsyncContent, Content
from lgsp_client.question import FileQuestion, PageQuestion, Question
from lgsp_client.request import Options

T = TypeVar("T")


class Sender(Protocol):
    """Asks synchronously."""

    def ask(self, question: Question[T], options: Options, idempotency_key: str | None = None) -> Answer[T]:
        """One answer."""

    def ask_page(self, question: PageQuestion[T], options: Options) -> Page[T]:
        """One page of a list."""

    def ask_file(self, question: FileQuestion, options: Options) -> AbstractContextManager[Content]:
        """A file."""


class AsyncSender(Protocol):
    """Asks asynchronously."""

    async def ask(self, question: Question[T], options: Options, idempotency_key: str | None = None) -> Answer[T]:
        """One answer."""

    async def ask_page(self, question: PageQuestion[T], options: Options) -> AsyncPage[T]:
        """One page of a list."""

    def ask_file(self, question: FileQuestion, options: Options) -> AbstractAsyncContextManager[AsyncContent]:
        """A file."""
