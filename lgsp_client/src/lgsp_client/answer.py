"""Answers: typed data with its source and age."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, TypeVar

from lgsp_client.errors import LgspError
from lgsp_client.values import Answered

T = TypeVar("T")


class Meta(Answered):
    """The source and the age of an answer."""

    system: str
    operation: str
    freshness: Literal["live", "cached", "stale"] | str
    fetched_at: datetime
    """When the national system said it."""
    age_seconds: int
    request_id: str
    next_page_token: str | None = None
    """Of a list: the token of the page that follows; None at the end."""
    total: int | None = None
    """Of a list: the number of all records, where the source says it."""
    incomplete: tuple[str, ...] = ()
    """JSON pointers of values that the source gave and that could not be read."""
    withheld: tuple[str, ...] = ()
    """JSON pointers of fields that were cut for want of purpose or right."""
    rows_left_out: int = 0
    """Of a list: rows that could not be read."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The answer to one question."""

    data: T
    meta: Meta
    status: int = 200
    """202: an order was accepted and is not done yet."""
    location: str | None = None
    """Of an accepted order: the path of its state."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """``Cache-Status``, ``ETag``, ``Server-Timing`` and the others."""


@dataclass(frozen=True, slots=True)
class Page(Answer[tuple[T, ...]]):
    """A page of a list; iterating over it goes on with the pages that follow, asking for each when it is needed."""

    follow: Callable[[str], Page[T]] | None = field(default=None, repr=False, compare=False)

    def next_page(self) -> Page[T] | None:
        """The page that follows; None at the end."""
        token = self.meta.next_page_token
        return self.follow(token) if token and self.follow else None

    def pages(self) -> Iterator[Page[T]]:
        """The pages from this one on."""
        page: Page[T] | None = self
        while page is not None:
            yield page
            page = page.next_page()

    def __iter__(self) -> Iterator[T]:
        """The records of this page and of those that follow."""
        for page in self.pages():
            yield from page.data


@dataclass(frozen=True, slots=True)
class AsyncPage(Answer[tuple[T, ...]]):
    """As :class:`Page`, for ``async for``."""

    follow: Callable[[str], Awaitable[AsyncPage[T]]] | None = field(default=None, repr=False, compare=False)

    async def next_page(self) -> AsyncPage[T] | None:
        """The page that follows; None at the end."""
        token = self.meta.next_page_token
        return await self.follow(token) if token and self.follow else None

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """The pages from this one on."""
        page: AsyncPage[T] | None = self
        while page is not None:
            yield page
            page = await page.next_page()

    async def __aiter__(self) -> AsyncIterator[T]:
        """The records of this page and of those that follow."""
        async for page in self.pages():
            for record in page.data:
                yield record


@dataclass(frozen=True, slots=True)
class BatchResult(Generic[T]):
    """The result of one question of a batch: an answer or an error."""

    status: int
    answer: Answer[T] | None = None
    error: LgspError | None = None

    def unwrap(self) -> Answer[T]:
        """The answer.

        Raises:
            LgspError: Where the question was not answered.
        """
        if self.answer is None:
            raise self.error or LgspError("the batch has no answer to this question")
        return self.answer
