"""The rules that every dialect of every connector keeps, and that its table judges whatever comes."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from datetime import UTC, datetime
from functools import cache, partial
from importlib import import_module
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from gateway.core.canonical import Canonical, Wire
from gateway.core.connector import Binding, Connector, Dialect
from gateway.core.message import Exchange, Reply, ReplyKind, Rest, Soap, SoapFault
from gateway.core.problems import GatewayError, OffContract
from gateway.core.upstream import Officer
from gateway.pipeline.build import UpstreamPolicies
from gateway.pipeline.deadline import MARGIN_S
from gateway.registry import plan
from gateway.testing import FakeClock, FakeUpstream, NotScripted, make_call
from mocks.engine.country import Country
from tests.gateway.connectors.exempt import asks_nobody
from tests.support.connectors import DIALECTS, every_dialect, folder, models_of, names_in, own_samples
from tests.support.laptop import OTHER_DIALECTS, ROOT, laptop_settings

MORE_NAMES: Final = {
    "legal_documents.gateway": {"html.py"},  # the full text is a page of theirs, and only here
    "criminal_records.lltp2024": {"certificate.py"},  # the certificate itself comes in the answer, and only here
}
"""Files that one dialect has besides; each with its reason."""


@every_dialect
def test_dialect_has_the_same_names_as_every_other(connector: Connector, dialect: Dialect) -> None:
    """Wire, translation and calls, a login where the system has its own, and orders where a store may keep them."""
    more = MORE_NAMES.get(f"{connector.name}.{dialect.name}", set())
    found = names_in(folder(connector, dialect)) - more - ({"login.py"} if dialect.login else set())
    found -= {"durable.py"} if dialect.durable else set()

    assert found == {"__init__.py", "wire.py", "translate.py", "calls.py"}


# ---- dialects


@every_dialect
def test_dialect_is_named_as_its_folder(connector: Connector, dialect: Dialect) -> None:
    """Configuration, folder and declaration use one word."""
    package = import_module(f"gateway.connectors.{connector.name}.{dialect.name}")

    assert dialect in vars(package).values()


@every_dialect
def test_dialect_answers_by_functions_that_say_which_call(connector: Connector, dialect: Dialect) -> None:
    """Each operation is answered by a coroutine function of ``calls.py`` with a sentence of its own; dialects with the
    same exchanges share it.
    """
    modules = {f"gateway.connectors.{connector.name}.{one.name}.calls" for one in connector.dialects}
    assert dialect.calls
    for binding in dialect.calls:
        run = binding.run.func if isinstance(binding.run, partial) else binding.run
        assert inspect.iscoroutinefunction(run)
        assert run.__module__ in modules
        assert run.__doc__


@every_dialect
def test_defaults_fit_the_deadlines(connector: Connector, dialect: Dialect) -> None:
    """What the dialect finds right for its source is valid, and an attempt fits into each of its operations."""
    policies = UpstreamPolicies.model_validate(dialect.defaults)

    assert all(policies.attempt_timeout_s + MARGIN_S <= binding.operation.deadline_s for binding in dialect.calls)


@every_dialect
def test_secrets_of_a_dialect_are_kept_secret(connector: Connector, dialect: Dialect) -> None:
    """A setting that sounds like a secret is one: by reference only, and shown nowhere."""
    for model in models_of(dialect.settings):
        for name, info in model.model_fields.items():
            if re.search(r"password|secret|(^|_)(api|auth|access)_key", name):
                assert info.annotation in {SecretStr, SecretStr | None}, f"{model.__name__}.{name}"


@every_dialect
def test_wire_models_ignore_news(connector: Connector, dialect: Dialect) -> None:
    """A field that a ministry adds breaks nothing."""
    module = import_module(f"gateway.connectors.{connector.name}.{dialect.name}.wire")
    wires = [
        cls for cls in vars(module).values() if isinstance(cls, type) and issubclass(cls, Wire) and cls is not Wire
    ]

    assert wires
    assert all(cls.model_config.get("extra") == "ignore" for cls in wires)
    assert all(cls.model_config.get("frozen") for cls in wires)


# ---- tables


OFFICER: Final = Officer("Cán bộ", "079085000001")


@cache
def first_questions(name: str) -> tuple[Exchange, ...]:
    """The exchange with which each operation of a dialect begins, for the country's first sample of it."""
    connector, dialect = DIALECTS[name]
    plans = [plan(laptop_settings("http://127.0.0.1:1", connectors=more)) for more in ({}, OTHER_DIALECTS)]
    asked = next(up for found in plans for up in found.upstreams if up.dialect is dialect)
    samples = Country().services[connector.name].samples()
    found = []
    for binding in dialect.calls:
        if asks_nobody(f"{connector.name}.{dialect.name}", binding.operation):
            continue
        name = f"{connector.name}.{binding.operation.name}"
        sample = own_samples(binding.operation, asked.name, samples[name])[0]
        fields = {**sample.get("path", {}), **sample.get("query", {}), **sample.get("body", {})}
        query = binding.operation.query.model_validate_json(json.dumps(fields), strict=True)
        call, today = make_call(binding.operation, query), FakeClock(datetime.now(UTC))  # the country's day
        up = FakeUpstream(dialect, asked.settings, call=call, officer=OFFICER, clock=today)
        with pytest.raises(NotScripted):
            asyncio.run(_run(binding, query, up))
        found.append(up.sent[0])
    return tuple(found)


async def _run(binding: Binding, query: Canonical, upstream: FakeUpstream[Any]) -> None:
    await binding.run(query, upstream)


@pytest.mark.parametrize("name", DIALECTS)
def test_every_operation_of_a_dialect_asks_something(name: str) -> None:
    """A question becomes an exchange of the dialect's own protocol, under the national call's name."""
    kind = Soap if DIALECTS[name][1].adapter == "soap" else Rest

    assert first_questions(name)
    assert all(isinstance(exchange, kind) and exchange.name for exchange in first_questions(name))


WORDS: Final = st.sampled_from(
    ["data", "Data", "Status", "status", "STATUS", "success", "Message", "MainInformation", "maKetQua", "0", "1", "500"]
)
BODIES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | WORDS, inner, max_size=4),
    max_leaves=12,
)
FAULTS: Final = st.builds(SoapFault, st.text(max_size=20), st.text(max_size=20), st.dictionaries(WORDS, WORDS))


@pytest.mark.parametrize("name", DIALECTS)
@settings(deadline=None)
@given(body=BODIES | FAULTS, status=st.sampled_from([200, 201, 302, 400, 401, 404, 429, 500, 503, 504]))
def test_table_judges_whatever_comes(name: str, body: object, status: int) -> None:
    """Whatever JSON or Fault comes, the table says what it means or leaves it to the status; it never breaks."""
    for exchange in first_questions(name):
        found = DIALECTS[name][1].classify(exchange, Reply(status, {}, body))

        assert found is None or isinstance(found, GatewayError | ReplyKind)


# ---- a 404 without a body


def said_of_an_empty_404(connector: Connector) -> frozenset[str]:
    """The calls for which the contract's README says that an empty 404 means "no such record"."""
    lines = (ROOT / "contracts" / connector.name / "README.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| empty 404")]
    assert len(rows) >= len(connector.dialects)
    assert all("[S]" in row or "[C]" in row or "[G]" in row for row in rows)
    return frozenset(name for row in rows for name in re.findall(r"`(\w+)`", row.partition(";")[0]))


@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize("name", DIALECTS)
def test_empty_404_means_what_the_contract_says(name: str, status: int) -> None:
    """No such record where the README's row names the call; anywhere else it is off contract."""
    connector, dialect = DIALECTS[name]
    said = said_of_an_empty_404(connector)
    empty = Reply(status, {}, None, OffContract(reason="malformed"), empty=True)
    for exchange in first_questions(name):
        found = dialect.classify(exchange, empty)

        assert (found is ReplyKind.NO_RECORD) is (exchange.name in said), exchange.name
        assert found in {ReplyKind.NO_RECORD, None}


@pytest.mark.parametrize("name", DIALECTS)
def test_404_with_a_body_of_no_contract_is_left_to_the_status(name: str) -> None:
    """A service that is not deployed answers so, and knows of no record."""
    for exchange in first_questions(name):
        for body in ({"error": "Not Found"}, {}, [], "Not Found"):
            assert DIALECTS[name][1].classify(exchange, Reply(404, {}, body)) is not ReplyKind.NO_RECORD
