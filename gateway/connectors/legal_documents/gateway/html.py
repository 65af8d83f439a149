"""The plain text of the HTML in which the source keeps provisions and full texts. Pure.

The HTML comes from word processors: cells, powers and struck-out words mean something, and heads and styles are not
always closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from lxml import etree

from gateway.core.lenient import text

_Element: TypeAlias = etree._Element  # noqa: SLF001  # lxml has no public name for what it gives

_BREAKING: Final = (
    frozenset({"p", "div", "br", "hr", "pre", "blockquote", "center", "h1", "h2", "h3", "h4", "h5", "h6"})
    | {"table", "caption", "thead", "tbody", "tfoot", "tr", "ul", "ol", "li", "dl", "dt", "dd", "option"}
    | {"address", "article", "aside", "details", "figcaption", "figure", "footer", "form", "header", "main", "section"}
)
_SILENT: Final = frozenset({"head", "title", "style", "script", "noscript", "template", "textarea", "iframe", "object"})
_CELLS: Final = frozenset({"td", "th"})
_STRUCK: Final = frozenset({"del", "s", "strike"})
_APART: Final = _CELLS | _STRUCK | {"tr", "sup", "sub"}
_MARKUP: Final = re.compile(r"[<&]")

_HIDING: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_STRIKING: Final = re.compile(r"text-decoration[a-z-]*\s*:[^;:]*line-through", re.IGNORECASE)
_RAISING: Final = re.compile(r"vertical-align\s*:\s*(super|sub)\b", re.IGNORECASE)

_TO_NEXT_TAG: Final = r"\b[^<>]*>[^<]*(?:<(?![a-zA-Z/])[^<]*)*"
_STYLE: Final = re.compile(rf"<(style|title){_TO_NEXT_TAG}(?:</\1\s*>)?", re.IGNORECASE)
"""Neither has tags in it: it ends at the next one, closed or not."""
_SCRIPT: Final = re.compile(r"<script\b[^<>]*>.*?</script[^<>]*>?", re.IGNORECASE | re.DOTALL)
_OPEN_SCRIPT: Final = re.compile(rf"<script{_TO_NEXT_TAG}", re.IGNORECASE)
_ONE_WORD: Final = re.compile(r"[-+\u2212]?\w+")

_DEEPEST: Final = 12
"""Tables in tables, two a level: what is apart still deeper is read as paragraphs, so that no text is joined often."""


def plain_text(html: str | None) -> str | None:
    """The visible text of *html*, one paragraph or row of a table per line; None where there is no text.

    Cells are apart by ``|``, what is raised stands behind ``^``, and what is struck out within ``[bỏ: …]``.

    Raises:
        ValueError: Tags are open within each other too deep (2,048) to be read whole.
    """
    if html is None:
        return None
    if not _MARKUP.search(html):
        return text(" ".join(html.split()))
    # huge_tree: the answer was held to its limits before; the smaller ones of the parser would cut the text.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(_without_silent_ends(html).encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise ValueError("tags are nested too deep")
    return None if root is None else text("\n".join(_Reader().read(root)))


def _without_silent_ends(html: str) -> str:
    """*html* without styles, titles and scripts; without its end neither one of them nor a comment hides text."""
    if (begin := html.rfind("<!--")) > html.rfind("-->"):
        html = html[:begin] + html[begin + 4 :]
    if (end := html.lower().rfind("</script")) >= 0:
        html = _SCRIPT.sub("", html[: end + 9]) + html[end + 9 :]
    return _OPEN_SCRIPT.sub("", _STYLE.sub("", html))


def _lines(parts: list[str]) -> list[str]:
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return [line for line in lines if line]


class _Reader:
    """Walks a tree without recursion; what is apart has a list of its parts of its own."""

    def __init__(self) -> None:
        self._parts: list[list[str]] = [[]]
        self._rows: list[list[list[str]]] = []
        self._open: list[_Element] = []

    def read(self, root: _Element) -> list[str]:
        """The lines of the text below *root*."""
        for event, element in _walk(root):
            if event == "start":
                self._begin(element)
            else:
                self._end(element)
        return _lines(self._parts[0])

    def _say(self, said: str | None) -> None:
        if said:
            self._parts[-1].append(said.replace("\n", " "))

    def _begin(self, element: _Element) -> None:
        kind = _kind(element)
        if element.tag in _BREAKING or kind in _CELLS:
            self._parts[-1].append("\n")
        if kind in _APART and len(self._open) < _DEEPEST:
            self._open.append(element)
            self._parts.append([])
            if kind == "tr":
                self._rows.append([])
        if kind not in _SILENT:
            self._say(element.text)

    def _end(self, element: _Element) -> None:
        kind = _kind(element)
        if self._open and self._open[-1] is element:
            self._open.pop()
            self._put(kind, _lines(self._parts.pop()), element)
        if element.tag in _BREAKING or kind in _CELLS:
            self._parts[-1].append("\n")
        self._say(element.tail)

    def _put(self, kind: str, lines: list[str], element: _Element) -> None:
        """Puts what was apart where it belongs, so that it cannot be taken for what stands beside it."""
        outer = self._parts[-1]
        if kind in _CELLS and self._rows:
            self._rows[-1].append(lines)
        elif kind in _CELLS:
            outer.append("\n".join(lines))
        elif kind == "tr":
            outer.append("\n".join([*_row(self._rows.pop()), *lines]))
        elif kind in {"sup", "sub"}:
            outer.append(_script(kind, " ".join(lines), outer, element.tail or ""))
        elif lines:
            outer.append(f"[bỏ: {' '.join(lines)}]")


def _walk(root: _Element) -> Iterator[tuple[str, _Element]]:
    """Starts and ends of elements; of what is not shown, only itself."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start" and _kind(element) in _SILENT:
            walk.skip_subtree()
        yield event, element


def _kind(element: _Element) -> str:
    """The tag that says how *element* is read: its own, or the one that its style makes of it."""
    tag = str(element.tag)
    style = element.get("style")
    if element.get("hidden") is not None:
        return "script"
    if not style or tag in _CELLS or tag == "tr":
        return tag
    if _HIDING.search(style):
        return "script"
    if _STRIKING.search(style):
        return "del"
    raised = _RAISING.search(style)
    return f"su{raised[1].lower()[2]}" if raised else tag


def _row(cells: list[list[str]]) -> list[str]:
    """A row of a table in one line; a cell of several lines keeps its lines, and the row has no one line then."""
    if all(len(cell) <= 1 for cell in cells):
        line = " | ".join(cell[0] if cell else "" for cell in cells)
        return [line] if line.strip(" |") else []
    return [line for cell in cells for line in cell]


def _script(kind: str, said: str, before: list[str], after: str) -> str:
    """Raised or lowered text: ``10^6``; a lowered one is only marked beside a digit that it would join (``CO2``)."""
    if not said:
        return ""
    beside = after[:1]
    if kind == "sub" and not beside.isdigit() and not (before and before[-1][-1:].isdigit()):
        return said
    mark = "^" if kind == "sup" else "_"
    alone = _ONE_WORD.fullmatch(said) and not beside.isalnum()
    return f"{mark}{said}" if alone else f"{mark}({said})"
