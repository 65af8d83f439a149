"""Connectors are found and checked, and matched with configuration; what does not fit is refused in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import pytest

from gateway.core.canonical import PERSONAL, Canonical
from gateway.core.connector import Connector, Dialect, answers
from gateway.core.operation import Operation
from gateway.core.settings import UpstreamSettings
from gateway.core.upstream import Upstream
from gateway.registry import Plan, breaches, connector_names, load_connector, plan, scan
from gateway.settings import ConfigurationError, Settings


class Question(Canonical):
    """Which thing."""

    code: str


class PersonalQuestion(Canonical):
    """Which person."""

    citizen_id: Annotated[str, PERSONAL]


class Fact(Canonical):
    """A thing."""

    code: str


THING: Operation[Question, Fact] = Operation(
    name="thing", query=Question, answer=Fact, path="things/{code}", summary="A thing"
)
OTHER = replace(THING, name="other", path="others/{code}")


async def ask(query: Question, up: Upstream[UpstreamSettings]) -> Fact | None:
    """Answers without asking anybody."""
    return Fact(code=f"{query.code}{up.settings.url}")


def dialect(name: str, *operations: Operation[Any, Any], **more: Any) -> Dialect:
    """A dialect that answers *operations*."""
    return Dialect(
        name=name,
        adapter=more.pop("adapter", "rest"),
        settings=UpstreamSettings,
        classify=lambda exchange, reply: None,
        calls=tuple(answers(operation, ask) for operation in operations),
        **more,
    )


TOY = Connector(
    name="toy",
    title="Toy",
    operations=(THING, OTHER),
    dialects=(dialect("new", THING, defaults={"attempt_timeout_s": 3.0}), dialect("old", THING, OTHER)),
)
NEW, OLD = {"url": "http://new.example"}, {"url": "http://old.example"}


def planned(upstreams: Mapping[str, Any], operations: Mapping[str, Any] | None = None, **more: Any) -> Plan:
    """The plan of a deployment with the toy alone."""
    block = {"upstreams": upstreams, "operations": operations or {}}
    return plan(Settings(connectors={"toy": block}, **more), {"toy": TOY})


def complaint(upstreams: Mapping[str, Any], operations: Mapping[str, Any] | None = None, **more: Any) -> str:
    """The one sentence with which this deployment is refused."""
    with pytest.raises(ConfigurationError) as refused:
        planned(upstreams, operations, **more)

    assert "\n" not in str(refused.value)
    return str(refused.value)


# ---- matching


def test_the_only_upstream_that_answers_is_taken() -> None:
    """Where one dialect answers an operation nothing needs to be said; what none answers is not offered."""
    found = planned({"new": NEW})

    assert [(item.operation.name, item.upstream.name) for item in found.operations] == [("thing", "new")]
    assert found.not_offered == ("toy.other",)


def test_two_dialects_want_a_choice() -> None:
    """Where two dialects answer an operation, configuration must say which."""
    said = complaint({"new": NEW, "old": OLD})

    assert (
        said
        == "connectors.toy.operations.thing.upstream is missing: new and old both offer the operation; name one of them"
    )


def test_the_choice_is_followed() -> None:
    """The upstream that configuration names answers; the other still answers what only it can."""
    found = planned({"new": NEW, "old": OLD}, {"thing": {"upstream": "new"}})

    assert {item.operation.name: item.upstream.name for item in found.operations} == {"thing": "new", "other": "old"}


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        (
            {"thing": {"upstream": "nwe"}},
            "operations.thing.upstream: the upstream 'nwe' does not offer this operation; did you mean 'new'?",
        ),
        (
            {"thing": {"upstream": "new"}, "other": {"upstream": "new"}},
            "operations.other.upstream: the upstream 'new' does not offer this operation; known: old",
        ),
        ({"thin": {}}, "unknown operation 'connectors.toy.operations.thin'; did you mean 'thing'?"),
    ],
)
def test_wrong_choice_is_refused(operations: Mapping[str, Any], said: str) -> None:
    """An upstream that does not exist or does not answer, and an unknown operation, are told with the nearest."""
    assert said in complaint({"new": NEW, "old": OLD}, operations)


def test_upstream_of_another_name_says_its_dialect() -> None:
    """A dialect may stand in several upstreams of any name, each saying which it speaks."""
    found = planned({"north": {**NEW, "dialect": "new"}})

    assert found.upstreams[0].name == "north"
    assert found.upstreams[0].dialect.name == "new"


@pytest.mark.parametrize(
    ("upstreams", "said"),
    [
        ({}, "connectors.toy.upstreams is missing"),
        ({"north": NEW}, "upstreams.north.dialect is missing; known: new, old"),
        (
            {"new": {**NEW, "dialect": "nwe"}},
            "upstreams.new.dialect: 'nwe' is not a dialect of toy; did you mean 'new'?",
        ),
        ({"new": {}}, "upstreams.new.url is missing"),
        ({"new": {"url": "new.example"}}, "upstreams.new.url: Input should be a valid URL"),
        ({"new": {"url": "ftp://new.example"}}, "upstreams.new.url: URL scheme should be 'http' or 'https'"),
        ({"new": {"url": "http://new.example?x=1"}}, "must not have a query, a fragment or credentials"),
        ({"new": {"url": "http://a:b@new.example"}}, "must not have a query, a fragment or credentials"),
        ({"new": {**NEW, "rtry": {}}}, "unknown key 'connectors.toy.upstreams.new.rtry'; did you mean 'retry'?"),
        ({"new": {**NEW, "retry": {"attempt": 1}}}, "upstreams.new.retry.attempt'; did you mean 'attempts'?"),
        ({"new": {**NEW, "limits": {"bodybytes": 1}}}, "upstreams.new.limits.bodybytes'; did you mean 'body_bytes'?"),
        ({"new": {**NEW, "retry": "often"}}, "upstreams.new.retry: expected a block of keys"),
        ({"new": {**NEW, "road": "lgsp"}}, "road lgsp needs a token block (url, access_key, secret_key)"),
        ({"new": {**NEW, "road": "xroad"}}, "road xroad needs an xroad block (client, service)"),
        ({"new": {**NEW, "road": "xrdadapter"}}, "road xrdadapter needs an xrdadapter block (dstcode)"),
        (
            {"new": {**NEW, "xrdadapter": {"dstcode": "a"}}},
            "xrdadapter is used only by road xrdadapter; the road is direct",
        ),
        (
            {"new": {**NEW, "road": "xroad", "xroad": {"client": "VN/GOV", "service": "VN/GOV/a/b"}}},
            "upstreams.new.xroad.client: String should match pattern",
        ),
        (
            {"new": {**NEW, "ca_file": "/nowhere.pem"}},
            "upstreams.new.ca_file: /nowhere.pem could not be read as PEM certificates",
        ),
        ({"new": {**NEW, "ca_file": __file__}}, "could not be read as PEM certificates"),
    ],
)
def test_wrong_upstream_is_refused(upstreams: Mapping[str, Any], said: str) -> None:
    """Each mistake in an upstream's block is named by its key, at whatever depth."""
    assert said in complaint(upstreams)


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ({"access_key": "literal"}, "token.access_key: a secret must be a reference: env:NAME or file:/path"),
        ({"access_key": "env:T1_NONE"}, "token.access_key: the environment variable T1_NONE is not set"),
        ({"acces_key": "env:HOME"}, "unknown key 'connectors.toy.upstreams.new.token.acces_key'; did you mean"),
        ({"url": "nowhere"}, "token.url: Input should be a valid URL"),
        ({"secret_key": "file:/nowhere"}, "token.secret_key: the secret file /nowhere could not be read"),
    ],
)
def test_wrong_token_block_is_refused(token: Mapping[str, str], said: str) -> None:
    """Secrets of the road stand by reference, and a missing one is named; its value is never repeated."""
    whole = {"url": "http://t.example/token", "access_key": "env:HOME", "secret_key": "env:HOME", **token}
    found = complaint({"new": {**NEW, "road": "lgsp", "token": whole}})

    assert said in found
    assert "literal" not in found


def test_literal_api_key_is_refused() -> None:
    """An upstream's API key is a secret as well."""
    assert "upstreams.new.api_key: a secret must be a reference" in complaint({"new": {**NEW, "api_key": "abc"}})


def test_deadline_that_cannot_fit_is_refused() -> None:
    """An attempt that may outlast the deadline of an operation is refused, with both keys and numbers."""
    said = complaint({"old": {**OLD, "attempt_timeout_s": 10}})

    assert said == (
        "deadline-cannot-fit: connectors.toy.upstreams.old.attempt_timeout_s (10 s) "
        "does not fit in connectors.toy.operations.thing.deadline_s (10 s)"
    )
    assert planned({"old": {**OLD, "attempt_timeout_s": 10}}, {n: {"deadline_s": 11} for n in ("thing", "other")})


def test_numbers_come_from_configuration_then_dialect_then_code() -> None:
    """Configuration overrides what the dialect finds fit, which overrides the default."""
    by_dialect, by_file = planned({"new": NEW}), planned({"new": {**NEW, "attempt_timeout_s": 1}})
    by_code = planned({"old": OLD})

    assert by_dialect.upstreams[0].policies.attempt_timeout_s == 3.0
    assert by_file.upstreams[0].policies.attempt_timeout_s == 1.0
    assert by_code.upstreams[0].policies.attempt_timeout_s == 5.0
    assert planned({"new": NEW}, {"thing": {"fresh_s": 7}}).operations[0].operation.fresh_s == 7.0


def test_unknown_connector_is_refused_with_the_nearest() -> None:
    """A connector that has no folder is told before anything in its block."""
    with pytest.raises(ConfigurationError, match=r"unknown connector 'connectors\.toi'; did you mean 'toy'\?"):
        plan(Settings(connectors={"toi": {"operations": {"thing": {}}}}), {"toy": TOY})


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("toi.thing", "callers.a.scopes.0: 'toi.thing' does not name a known connector; did you mean 'toy'?"),
        ("toy", "callers.a.scopes.0: 'toy' does not name a known connector"),
        ("toy.thin", "callers.a.scopes.0: 'toy.thin' does not name a known operation; did you mean 'thing'?"),
        ("toy.thin:personal", "does not name a known operation; did you mean 'thing'?"),
    ],
)
def test_scope_that_gives_no_right_is_refused(scope: str, said: str) -> None:
    """A misspelt scope would shut its caller out in silence, so it is refused at start."""
    assert said in complaint({"new": NEW}, callers={"a": {"key_sha256": "a" * 64, "scopes": [scope]}})


@pytest.mark.parametrize("scope", ["*", "toy.*", "toy.thing", "toy.*:personal", "toy.other"])
def test_scopes_that_exist_are_accepted(scope: str) -> None:
    """All, all of a connector, one operation (also one not offered here), and each for personal fields."""
    assert planned({"new": NEW}, callers={"a": {"key_sha256": "a" * 64, "scopes": [scope]}})


# ---- the rules of connectors


@pytest.mark.parametrize(
    ("connector", "said"),
    [
        (replace(TOY, operations=(THING, THING, OTHER)), "two operations have the same name"),
        (
            replace(TOY, operations=(THING, OTHER, replace(THING, name="x", path="things/{id}"))),
            "operation x: its path has id, which its query does not have",
        ),
        (
            replace(TOY, operations=(THING, OTHER, replace(THING, name="x", query=PersonalQuestion, path="people"))),
            "operation x: /citizen_id is personal and would appear in a URL; use POST",
        ),
        (
            replace(TOY, operations=(THING, OTHER, replace(THING, name="x", method="POST", effect="write", fresh_s=1))),
            "operation x: a write must not be cached",
        ),
        (
            replace(TOY, operations=(THING, OTHER, replace(THING, name="x", versioned=True))),
            "operation x: only a list is kept as versions; its answer is not a Page",
        ),
        (replace(TOY, operations=(THING,)), "dialect old answers other, which is not in operations"),
        (
            replace(TOY, dialects=(dialect("ws", THING, adapter="soap"),)),
            "dialect ws uses SOAP and does not name its pinned WSDL",
        ),
    ],
)
def test_connector_that_breaks_a_rule_is_told(connector: Connector, said: str) -> None:
    """Each rule that a connector must keep is checked at start, in words."""
    assert breaches(connector) == [said]


def test_personal_field_in_the_path_of_a_post_is_refused() -> None:
    """A personal field in a path stands in a URL, whatever the method."""
    broken = replace(THING, name="x", query=PersonalQuestion, path="people/{citizen_id}", method="POST")
    connector = replace(TOY, operations=(THING, OTHER, broken))

    assert breaches(connector) == [
        "operation x: /citizen_id is personal and would appear in a URL; remove it from the path"
    ]


def test_sound_connector_breaks_no_rule() -> None:
    """The toy itself is sound."""
    assert breaches(TOY) == []


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A connector's module that a test fills, found as ``gateway.connectors.toy``."""
    module = ModuleType("gateway.connectors.toy")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def test_folder_without_a_connector_is_refused(folder: ModuleType) -> None:
    """A folder that does not end in CONNECTOR is named."""
    with pytest.raises(ConfigurationError, match=r"gateway/connectors/toy/__init__\.py does not end in CONNECTOR"):
        load_connector("toy")


def test_connector_of_another_name_is_refused(folder: ModuleType) -> None:
    """The folder and the connector in it bear the same name."""
    vars(folder)["CONNECTOR"] = replace(TOY, name="tay")

    with pytest.raises(ConfigurationError, match="the connector in gateway/connectors/toy has the name 'tay'"):
        load_connector("toy")


def test_connector_that_breaks_a_rule_is_not_loaded(folder: ModuleType) -> None:
    """The start is refused with the connector's name and the rule."""
    vars(folder)["CONNECTOR"] = replace(TOY, operations=(THING,))

    with pytest.raises(ConfigurationError, match="connector toy: dialect old answers other"):
        load_connector("toy")


def test_folder_that_does_not_import_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import error is told with the folder's name."""
    monkeypatch.setitem(sys.modules, "gateway.connectors.toy", None)

    with pytest.raises(ConfigurationError, match="gateway/connectors/toy could not be loaded"):
        load_connector("toy")


def test_every_folder_holds_a_sound_connector() -> None:
    """All folders below ``gateway/connectors/`` are found, and each keeps the rules."""
    folders = {path.parent.name for path in Path("gateway/connectors").glob("*/__init__.py")}

    assert set(connector_names()) == folders == set(scan())
