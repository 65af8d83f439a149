"""The field's terms: a name that was given up for a plainer one does not come back."""

from __future__ import annotations

import ast
from typing import Final

import pytest

from tests.architecture.test_rules import name, sources, tree

OURS: Final = ("gateway", "conformance", "mocks", "lgsp_pytest", "lgsp_client", "benchmarks")
GIVEN_UP: Final = {
    "Again": "EncodedHit",
    "again": "replay",
    "allow": "is_current",
    "allow_shared": "is_current_elsewhere",
    "answering": "response",
    "asking": "client",
    "batches": "event_buffer",
    "Batches": "EventBuffer",
    "budget": "retry_budget",
    "CallerQuota": "CallerRateLimit",
    "complaints": "errors",
    "defaults": "policies",
    "door": "dispatch",
    "Door": "Dispatcher",
    "DoorServer": "HttpServer",
    "Done": "a name that says what is done",
    "Down": "PassedOver",
    "drift": "unknown_fields",
    "fault_of": "classify",
    "give_again": "replay",
    "hear": "poll",
    "Held": "MemoryEntry, HeldToken",
    "judge": "classify_reply",
    "Judge": "ClassifyReply",
    "Judgement": "Outcome",
    "keys": "cache_key",
    "lines": "log_writer",
    "Link": "Availability",
    "Listener": "EventListener",
    "Mark": "Invalidation",
    "Marks": "InvalidationLog",
    "Names": "KeyedHash",
    "OnlyOnce": "Idempotency",
    "Orders": "IdempotencyKeys",
    "outage": "availability",
    "pending": "write_queue",
    "Pending": "WriteBehindQueue",
    "prepared": "raw_response",
    "PreparedResponse": "RawResponse",
    "protocol": "server",
    "purge_stream": "invalidation_stream",
    "quota": "daily_quota",
    "rate": "rate_limit",
    "reading": "request, lenient",
    "roads": "client_credentials",
    "rubbish": "deletions",
    "sealing": "encryption",
    "Sealer": "EntryCipher",
    "Sent": "UpstreamRequest",
    "series": "collectors",
    "shelf": "tiers",
    "Shelf": "TieredStore",
    "Source": "CallConnector",
    "Standing": "EncodedHit",
    "StandingAnswer": "EncodedHit",
    "tags": "invalidation",
    "tell": "publish, receive",
    "ticking": "request_ids",
    "Ticking": "RequestStamps",
    "Up": "Available",
    "Verdict": "ReplyKind",
    "_floor": "_watermark",
}
"""Old names of modules, classes and functions, and what to say now."""
ONE_MEANING: Final = {"Event", "Outcome", "Priority", "EventListener", "MemoryEntry", "ReplyKind"}
"""Terms that only one class or type of the gateway carries."""


def defined(node: ast.AST) -> str | None:
    """The name that *node* gives to a class, a function, or a type of a module."""
    match node:
        case ast.ClassDef(name=found) | ast.FunctionDef(name=found) | ast.AsyncFunctionDef(name=found):
            return found
        case ast.AnnAssign(target=ast.Name(id=found), annotation=ast.Name(id="TypeAlias")):
            return found
        case _:
            return None


@pytest.mark.parametrize("folder", OURS)
def test_no_name_that_was_given_up_is_used(folder: str) -> None:
    """Modules, classes and functions have the terms of the field."""
    found = [f"{name(path)}: say {GIVEN_UP[path.stem]}" for path in sources(folder) if path.stem in GIVEN_UP]
    found += [
        f"{name(path)}: {given}: say {GIVEN_UP[given]}"
        for path in sources(folder)
        for node in ast.walk(tree(path))
        if (given := defined(node)) in GIVEN_UP
    ]

    assert found == []


def test_a_term_has_one_meaning() -> None:
    """What several modules call by one name are different things under one word."""
    places: dict[str, list[str]] = {}
    for path in sources("gateway"):
        for node in tree(path).body:
            if (given := defined(node)) in ONE_MEANING:
                places.setdefault(given, []).append(name(path))

    assert {given: where for given, where in places.items() if len(where) > 1} == {}
