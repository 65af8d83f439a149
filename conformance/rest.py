"""Rules for one answer over REST, from OpenAPI: status, content type, encoding, schema, and the case's expectations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from conformance.client import Answer, ServiceClient
from conformance.judging import Ruled, dated, echoed
from conformance.masking import Mask
from conformance.openapi import OpenApi, Operation
from conformance.pointers import said
from conformance.report import Difference
from conformance.schema import Breach
from conformance.suite import Case, ExpectedAnswer, Message, ServiceSuite

#: The rule of each keyword of JSON Schema.
_KINDS: Final[Mapping[str, str]] = {
    "type": "schema.type",
    "required": "schema.required",
    "const": "schema.value",
    "enum": "schema.value",
    "pattern": "schema.format",
    "contentEncoding": "schema.format",
    "additionalProperties": "schema.extra",
    "unevaluatedProperties": "schema.extra",
    "false": "schema.extra",
    "oneOf": "schema.shape",
    "not": "schema.shape",
}
#: Contracts have at most a dozen levels; the rules are recursive.
MAX_DEPTH: Final = 64
_SIZE: Final = "schema.size"
_ALL_KINDS: Final = (*dict.fromkeys(_KINDS.values()), _SIZE)
_QUOTING: Final = frozenset({"const", "enum", "pattern", "not", "minimum", "maximum"})


class _NotJson(ValueError):
    """The body is not valid JSON; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A REST service with its contract."""

    suite: ServiceSuite
    base: str
    api: OpenApi
    mask: Mask

    def calls(self) -> set[str]:
        """All operations of the contract."""
        return set(self.api.operations)

    def coded(self) -> frozenset[str]:
        """Fields whose values the contract lists."""
        return self.api.coded

    async def ask(self, client: ServiceClient, call: str, message: Message) -> Answer:
        operation = self.api.operations[call]
        headers = {"Accept": "application/json", **message.headers}
        return await client.ask(
            operation.method, f"{self.base}{operation.path}", message.model_copy(update={"headers": headers})
        )

    def tree(self, answer: Answer) -> Any:
        """Returns the answer's JSON; None when the body is not JSON."""
        try:
            return _parsed(answer.body)
        except _NotJson:
            return None

    def good(self, call: str, case: Case, answer: Answer, echo: str | None) -> Ruled:
        """Checks all rules for a valid request."""
        operation = self.api.operations[call]
        found: dict[str, tuple[Difference, ...]] = {"answer.arrives": _arrives(answer)}
        if answer.broken is not None:
            return found
        if case.kind == "absent" and self.suite.calls[call].empty_404 and _is_empty_404(answer):
            return {**found, "absent.said": ()}
        found["answer.status"] = _status(answer, case.status)
        found["answer.content_type"] = self._content_type(operation, case.status, answer)
        if not _speaks_json(operation, case.status):
            return found
        try:
            tree = _parsed(answer.body)
        except _NotJson as error:
            found["answer.encoding"] = (Difference("", "JSON in UTF-8", str(error)),)
            return found
        found["answer.encoding"] = _charset(answer)
        found |= self._schema_rules(operation, case.status, answer, tree)
        if case.says:
            found["absent.said" if case.kind == "absent" else "answer.says"] = said(tree, case.says, self.mask)
        if case.echo is not None and echo is not None:
            found["answer.echo"] = echoed(tree, case.echo, echo, self.mask)
        if self.suite.dates:
            found["dates.real"] = dated(tree, self.suite.dates, self.mask)
        return found

    def verdict(self, rule: str, answer: Answer, verdict: ExpectedAnswer) -> Ruled:
        """Checks one rule: the answer has the expected status and values, in any shape."""
        found: dict[str, tuple[Difference, ...]] = {"answer.arrives": _arrives(answer)}
        if answer.broken is None:
            found[rule] = (*_status(answer, verdict.status), *said(self.tree(answer), verdict.says, self.mask))
        return found

    def refusal(self, rule: str, call: str, verdict: ExpectedAnswer, answer: Answer) -> Ruled:
        """Checks one rule: the answer is the system's refusal, in the contract's shape if it has one."""
        operation = self.api.operations[call]
        found: dict[str, tuple[Difference, ...]] = {"answer.arrives": _arrives(answer)}
        if answer.broken is not None:
            return found
        differences = list(_status(answer, verdict.status))
        schema = operation.schema(verdict.status, answer.content_type)
        try:
            tree = _parsed(answer.body) if verdict.says or schema is not None else None
            differences += said(tree, verdict.says, self.mask)
        except _NotJson as error:
            differences.append(Difference("", "JSON in UTF-8", str(error)))
        else:
            breaches = () if schema is None else schema.breaches(tree)
            differences += [self._difference(breach) for breach in breaches]
        found[rule] = tuple(differences)
        return found

    def shaped(self, rule: str, call: str, status: int, answer: Answer) -> Ruled:
        """Checks one rule: the answer has the contract's shape."""
        operation = self.api.operations[call]
        by_kind = self._schema_rules(operation, status, answer, self.tree(answer))
        content = self._content_type(operation, status, answer)
        return {rule: (*content, *(one for differences in by_kind.values() for one in differences))}

    def unknown(self, answer: Answer) -> Ruled:
        """Checks that an unknown address is refused."""
        found: dict[str, tuple[Difference, ...]] = {"answer.arrives": _arrives(answer)}
        if answer.broken is None and answer.status not in self.suite.unknown_call:
            wanted = " or ".join(str(status) for status in self.suite.unknown_call)
            found["unknown.call"] = (Difference("status", wanted, str(answer.status)),)
        elif answer.broken is None:
            found["unknown.call"] = ()
        return found

    def _schema_rules(
        self, operation: Operation, status: int, answer: Answer, tree: Any
    ) -> dict[str, tuple[Difference, ...]]:
        schema = operation.schema(status, answer.content_type)
        if schema is None:
            return {}
        found: dict[str, list[Difference]] = {kind: [] for kind in _ALL_KINDS}
        for breach in schema.breaches(tree):
            found[_KINDS.get(breach.keyword, _SIZE)].append(self._difference(breach))
        return {kind: tuple(differences) for kind, differences in found.items()}

    def _difference(self, breach: Breach) -> Difference:
        shown = self.mask.shown(breach.pointer, breach.met) if breach.keyword in _QUOTING else str(breach.met)
        return Difference(breach.pointer, breach.expected, shown)

    def _content_type(self, operation: Operation, status: int, answer: Answer) -> tuple[Difference, ...]:
        documented = operation.types(status) | set(self.suite.tolerates)
        if not operation.types(status) or answer.content_type in documented:
            return ()
        return (Difference("header Content-Type", " or ".join(sorted(documented)), answer.content_type or "none"),)


def _is_empty_404(answer: Answer) -> bool:
    return answer.status in {404, 410} and not answer.body.strip()


def _arrives(answer: Answer) -> tuple[Difference, ...]:
    return () if answer.broken is None else (Difference("", "a complete answer", answer.broken),)


def _status(answer: Answer, wanted: int) -> tuple[Difference, ...]:
    return () if answer.status == wanted else (Difference("status", str(wanted), str(answer.status)),)


def _charset(answer: Answer) -> tuple[Difference, ...]:
    if answer.charset in {"", "utf-8", "utf8"}:
        return ()
    return (Difference("header Content-Type", "charset utf-8", answer.charset),)


def _speaks_json(operation: Operation, status: int) -> bool:
    types = operation.types(status)
    return not types or any("json" in media for media in types)


def _parsed(body: bytes) -> Any:
    if body.startswith(b"\xef\xbb\xbf"):
        raise _NotJson("a byte order mark at the start")
    try:
        value = json.loads(body.decode(), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise _NotJson(f"bytes that are not UTF-8, at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise _NotJson(f"{error.msg}, at character {error.pos}") from error
    except RecursionError as error:
        raise _NotJson("nesting too deep for the parser") from error
    if (depth := _depth(value)) > MAX_DEPTH:
        raise _NotJson(f"{depth} levels of nesting")
    return value


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level := [
        inner
        for one in level
        if isinstance(one, dict | list)
        for inner in (one.values() if isinstance(one, dict) else one)
    ]:
        depth += 1
    return depth


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotJson("a duplicate field in an object")
    return found
