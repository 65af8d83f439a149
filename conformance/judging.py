"""Rules common to REST and SOAP: echo, dates, pages, equal answers; and the findings of a case over its samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.masking import Mask
from conformance.pointers import at, plain
from conformance.report import Difference, Finding
from conformance.suite import Dates, Echo, Paging
from conformance.values import is_day

Ruled = Mapping[str, tuple[Difference, ...]]
"""The result of one answer: each rule that was checked, with its differences."""


@dataclass(slots=True)
class Gathered:
    """The findings of one case over all its samples."""

    call: str
    case: str
    _rules: dict[str, list[Difference]] = field(default_factory=dict)

    def add(self, ruled: Ruled, sample: int | None = None) -> None:
        for rule, differences in ruled.items():
            self._rules.setdefault(rule, []).extend(replace(one, sample=sample) for one in differences)

    def findings(self) -> list[Finding]:
        return [Finding(self.call, self.case, rule, tuple(found)) for rule, found in self._rules.items()]


def echoed(tree: Any, echo: Echo, value: str, mask: Mask) -> tuple[Difference, ...]:
    """Checks that the answer names the requested record; case, blanks and Unicode form do not matter."""
    met = [pair for pointer in echo.at for pair in at(tree, pointer) if pair[1] not in (None, "")]
    wanted = _bare(value, echo)
    wrong = [(where, one) for where, one in met if not _is_it(_bare(one, echo), wanted, echo)]
    if not met:
        return () if echo.optional else (Difference(echo.at[0], "the value of the request", "nothing"),)
    if echo.any and len(wrong) < len(met):
        return ()
    return tuple(Difference(where, "the value of the request", mask.shown(where, one)) for where, one in wrong)


def _bare(value: Any, echo: Echo) -> str:
    return "".join(one for one in plain(value) if one not in echo.ignore)


def _is_it(met: str, wanted: str, echo: Echo) -> bool:
    return met.endswith(wanted) if echo.end else met == wanted


def dated(tree: Any, dates: Iterable[Dates], mask: Mask) -> tuple[Difference, ...]:
    """Checks that dates exist and have the system's format."""
    found = []
    for rule in dates:
        for where, value in _fields(tree, frozenset(rule.fields), ""):
            text = value.strip() if isinstance(value, str) else ""
            if text not in {*rule.none, ""} and not is_day(text, rule.formats):
                found.append(
                    Difference(where, f"a date in the format {' or '.join(rule.formats)}", mask.shown(where, value))
                )
    return tuple(found)


def same(first: Any, second: Any, mask: Mask, pointer: str = "") -> tuple[Difference, ...]:
    """Returns the differences between two answers to the same request."""
    if isinstance(first, dict) and isinstance(second, dict):
        names = [*first, *(name for name in second if name not in first)]
        parts = (same(first.get(name), second.get(name), mask, f"{pointer}/{name}") for name in names)
        return tuple(one for part in parts for one in part)
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        parts = (same(*pair, mask, f"{pointer}/{index}") for index, pair in enumerate(zip(first, second, strict=True)))
        return tuple(one for part in parts for one in part)
    if first == second:
        return ()
    return (Difference(pointer, "the same value as in the first answer", mask.shown(pointer, second)),)


def paged(first: Any, second: Any, paging: Paging) -> dict[str, tuple[Difference, ...]]:
    """Checks two pages of one row each: size, total, and a different row on the second page."""
    rows = [list(at(tree, f"{paging.rows}/*")) for tree in (first, second)]
    found: dict[str, tuple[Difference, ...]] = {
        "paging.size": tuple(
            Difference(paging.rows, "one row per page, as requested", f"{len(page)} rows")
            for page in rows
            if len(page) != 1
        )
    }
    names = [[value for _, row in page for _, value in at(row, paging.id)] for page in rows]
    repeated = bool(names[0]) and names[0][:1] == names[1][:1]
    found["paging.next"] = (
        (Difference(paging.rows, "a different row on the next page", "the same row"),) if repeated else ()
    )
    if paging.total is not None:
        totals = [next((int(value) for _, value in at(tree, paging.total)), -1) for tree in (first, second)]
        wrong = totals[0] != totals[1] or totals[0] < 2
        met = f"{totals[0]}, then {totals[1]}"
        found["paging.total"] = (
            (Difference(paging.total, "the same total of rows on each page, 2 or more", met),) if wrong else ()
        )
    return found


def _fields(tree: Any, names: frozenset[str], pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            if name.strip() in names:
                yield f"{pointer}/{name}", value
            yield from _fields(value, names, f"{pointer}/{name}")
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _fields(value, names, f"{pointer}/{index}")
