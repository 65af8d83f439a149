"""Which handler a request reaches, and who may ask it."""

from __future__ import annotations

import hashlib
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.auth import KeyGrant, Keyring, matches
from gateway.api.routes import Handler, Request, Routes
from gateway.core.problems import GatewayError, InvalidRequest, MethodNotAllowed, Unauthenticated, UnknownRoute

# ---- routes


def handler(name: str) -> Handler:
    """A handler that is told from others."""

    async def run(request: Request) -> Any:
        return name

    return run


LIST, ONE, PARTS, MADE, ROOT = (handler(name) for name in ("list", "one", "parts", "made", "root"))


@pytest.fixture
def routes() -> Routes:
    """A small table."""
    table = Routes()
    table.add("GET", "/v1/things", LIST)
    table.add("POST", "/v1/things", MADE)
    table.add("GET", "/v1/things/{code}", ONE)
    table.add("GET", "/v1/things/{code}/parts", PARTS)
    table.add("GET", "/docs", ROOT)
    return table


@pytest.mark.parametrize(
    ("method", "target", "found", "values", "query"),
    [
        ("GET", "/v1/things", LIST, {}, ""),
        ("POST", "/v1/things", MADE, {}, ""),
        ("HEAD", "/v1/things", LIST, {}, ""),
        ("GET", "/v1/things?a=1", LIST, {}, "a=1"),
        ("GET", "/v1/things?a=/v1/x?b", LIST, {}, "a=/v1/x?b"),
        ("GET", "/v1/things/5", ONE, {"code": "5"}, ""),
        ("GET", "/v1/things/a%2Fb", ONE, {"code": "a/b"}, ""),
        ("GET", "/v1/things/%C4%91", ONE, {"code": "đ"}, ""),
        ("GET", "/v1/things/5/parts?x", PARTS, {"code": "5"}, "x"),
        ("GET", "/docs", ROOT, {}, ""),
        ("GET", "/docs#part", ROOT, {}, ""),
        ("GET", "http://gateway.test/v1/things/5", ONE, {"code": "5"}, ""),
        ("GET", "HTTPS://gateway.test:8080/docs", ROOT, {}, ""),
    ],
)
def test_target_leads_to_its_handler(
    method: str, target: str, found: Handler, values: dict[str, str], query: str, routes: Routes
) -> None:
    """Path, template and query string lead to one handler with decoded values, the same when asked again."""
    for _ in range(2):
        there = routes.find(method, target)

        assert (there.handler, dict(there.path_values), there.query_string) == (found, values, query)


@pytest.mark.parametrize(
    "target",
    ["", "/", "*", "//", "/v1", "/v1/", "/v1/things/", "/v1/things//parts", "/v1/things/5/", "/v1/things/5/parts/",
     "/v1//things", "/V1/things", "/v1/thing", "/v1/things/5/part", "v1/things", "http://gateway.test", "ftp://x/docs",
     "/docs/"],
)  # fmt: skip
def test_anything_else_is_unknown(target: str, routes: Routes) -> None:
    """A path is exactly a route's, or none."""
    with pytest.raises(UnknownRoute):
        routes.find("GET", target)


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("DELETE", "/v1/things", ("GET", "HEAD", "POST")),
        ("POST", "/v1/things/5", ("GET", "HEAD")),
        ("PUT", "/docs", ("GET", "HEAD")),
    ],
)
def test_wrong_method_is_told_all_right_ones(
    method: str, target: str, allowed: tuple[str, ...], routes: Routes
) -> None:
    """Whoever uses another method learns which there are."""
    with pytest.raises(MethodNotAllowed) as met:
        routes.find(method, target)

    assert met.value.allowed == allowed


@pytest.mark.parametrize("target", ["/v1/things/%FF", "/v1/things/%C4"])
def test_path_that_is_no_utf8_is_refused(target: str, routes: Routes) -> None:
    """A value that can't be decoded is the caller's mistake."""
    with pytest.raises(InvalidRequest):
        routes.find("GET", target)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=40))
def test_any_target_is_answered(target: str) -> None:
    """Whatever stands in a request line, the table has an answer for it."""
    table = Routes()
    table.add("GET", "/v1/things/{code}", ONE)
    try:
        found = table.find("GET", target)
    except GatewayError:
        return

    assert found.handler is ONE


# ---- keys

OPERATIONS: Final = ("a.one", "a.two", "b.one")


def ring(*scopes: str) -> Keyring:
    """A ring with one key, ``secret``."""
    return Keyring([KeyGrant("caller", hashlib.sha256(b"secret").digest(), scopes)], OPERATIONS, ["a.two"])


@pytest.mark.parametrize(
    ("scopes", "operations", "personal"),
    [
        ((), set(), set()),
        (("*",), {"a.one", "b.one"}, set()),
        (("*:personal",), {"a.one", "a.two", "b.one"}, {"a.one", "a.two", "b.one"}),
        (("*", "a.*:personal"), {"a.one", "a.two", "b.one"}, {"a.one", "a.two"}),
        (("a.*",), {"a.one"}, set()),
        (("a.two",), set(), set()),
        (("a.two:personal",), {"a.two"}, {"a.two"}),
        (("a.one",), {"a.one"}, set()),
        (("a.*:personal",), {"a.one", "a.two"}, {"a.one", "a.two"}),
        (("a.*", "a.one:personal"), {"a.one"}, {"a.one"}),
        (("c.one", "b.*"), {"b.one"}, set()),
    ],
)
def test_scopes_give_exactly_their_rights(scopes: tuple[str, ...], operations: set[str], personal: set[str]) -> None:
    """Default is none; marked fields are a right of their own, and so are questions about people (``a.two``)."""
    caller = ring(*scopes).caller("Bearer secret")

    assert (caller.name, caller.operations, caller.personal) == ("caller", operations, personal)


@pytest.mark.parametrize("header", ["Bearer secret", "bearer secret", "BEARER  secret ", "Bearer secret\t"])
def test_key_is_known_in_each_spelling_of_its_scheme(header: str) -> None:
    """The scheme has no case, and blanks around the key are none of it."""
    assert ring("*").caller(header).name == "caller"


@pytest.mark.parametrize(
    "header",
    [None, "", "secret", "Bearer", "Bearer ", "Basic secret", "Bearer Secret", "Bearer secretx", "Bearersecret"],
)
def test_anything_else_is_nobody(header: str | None) -> None:
    """A key is accepted whole or not at all."""
    with pytest.raises(Unauthenticated):
        ring("*").caller(header)


def test_replaced_keys_count_from_the_next_request_on() -> None:
    """A revoked key is nobody at once, and a new one is somebody."""
    keys = ring("*")
    keys.replace([KeyGrant("other", hashlib.sha256(b"new").digest(), ("a.one",))])

    with pytest.raises(Unauthenticated):
        keys.caller("Bearer secret")
    assert keys.caller("Bearer new").name == "other"


def test_secrets_are_not_kept() -> None:
    """The ring holds hashes alone."""
    assert b"secret" not in repr(vars(ring("*"))).encode()


@pytest.mark.parametrize(
    ("scope", "operation", "covers"),
    [
        ("*", "a.one", True),
        ("a.*", "a.one", True),
        ("a.*", "ab.one", False),
        ("a.one", "a.one", True),
        ("a.one", "a.ones", False),
        ("a", "a.one", False),
    ],
)
def test_scope_covers_what_it_names(scope: str, operation: str, covers: bool) -> None:
    """All, all of a connector, or one."""
    assert matches(scope, operation) is covers
