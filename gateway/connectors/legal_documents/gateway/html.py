"""The plain text of the HTML in which the source keeps provisions and full texts. Pure."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from gateway.core.lenient import text

_BREAKING: Final = frozenset(
    {"p", "div", "br", "tr", "li", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article"}
)
_SILENT: Final = frozenset({"script", "style", "head", "title"})
_MARKUP: Final = re.compile(r"[<&]")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BREAKING:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BREAKING:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain_text(html: str | None) -> str | None:
    """The visible text of *html*, one paragraph per line; None where there is no text."""
    if html is None:
        return None
    if not _MARKUP.search(html):
        return text(" ".join(html.split()))
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return text("\n".join(filter(None, lines)))
