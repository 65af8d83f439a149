"""What ``quality.yaml`` calls done is done here, on every connector: replies of the mock country, changed and replayed.

Each operation is asked once of the mock, through the real adapter and rings, and what the mock answered is kept.
Then the same replies come again, with a field more or to a question about another record.
"""

from __future__ import annotations

import importlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
import yaml

from gateway.adapters.client_credentials import road_login
from gateway.adapters.in_flight import InFlight
from gateway.connectors.business_registry.ngsp import NGSP as REGISTRY
from gateway.connectors.criminal_records.lltp2024 import LLTP2024
from gateway.connectors.criminal_records.ngsp import NGSP as JUSTICE
from gateway.connectors.criminal_records.translate import CODES
from gateway.connectors.legal_documents.gateway import GATEWAY
from gateway.connectors.legal_documents.ws import WS
from gateway.connectors.legal_documents.ws.translate import FAULTS
from gateway.connectors.public_service_portal.ngsp import NGSP as PORTAL
from gateway.connectors.public_service_portal.ngsp.translate import CODES as PORTAL_CODES
from gateway.connectors.public_service_portal.ngsp.translate import CODES_OF_CALLS as PORTAL_CODES_OF_CALLS
from gateway.connectors.social_insurance.ngsp import NGSP as INSURANCE
from gateway.connectors.social_insurance.ngsp.translate import ERROR_CODES
from gateway.connectors.social_insurance.vss import VSS
from gateway.connectors.social_insurance.vss.translate import RESULTS
from gateway.core.canonical import Canonical, PartialDate, personal_fields
from gateway.core.connector import Connector, Dialect
from gateway.core.events import DriftSeen, silence
from gateway.core.message import Exchange, Reply, ReplyKind, Rest, Soap, SoapFault
from gateway.core.operation import Operation
from gateway.core.problems import GatewayError, OffContract
from gateway.core.settings import UpstreamSettings
from gateway.core.upstream import Officer
from gateway.parts import Adapter
from gateway.pipeline.operation.call_connector import BoundUpstream
from gateway.pipeline.upstream.daily_quota import MemoryDays
from gateway.pipeline.upstream.token import Tokens
from gateway.registry import UpstreamPlan, plan
from gateway.rights import officers
from gateway.testing import FakeClock, FakeUpstream, make_call
from gateway.upstreams import CONTRACTS, make_adapter, make_ring
from tests.gateway.connectors.exempt import NOT_COMPARED, is_unheard
from tests.support.connectors import (
    CONNECTORS,
    DIALECTS,
    answers,
    every_connector,
    every_dialect,
    folder,
    models_of,
    own_samples,
)
from tests.support.laptop import OTHER_DIALECTS, PLAIN, ROOT, laptop_settings
from tests.support.national import National

on_one_loop = pytest.mark.asyncio(loop_scope="module")


def done(connector: Connector, rule: str) -> bool:
    """Whether the connector says that it keeps *rule*; otherwise it says why not."""
    text = (folder(connector) / "quality.yaml").read_text("utf-8")
    return bool(yaml.safe_load(text)["rules"][rule] == "done")


RULES_DONE: Final = {
    (connector.name, rule)
    for connector in CONNECTORS.values()
    for rule in yaml.safe_load((folder(connector) / "quality.yaml").read_text("utf-8"))["rules"]
    if done(connector, rule)
}
"""Read here: a test that runs on the event loop opens no files."""


NUMBERS: Final = itertools.count(1)


# ---- what the mock answers


@dataclass(slots=True)
class Recording:
    """An adapter that keeps what came."""

    adapter: Adapter
    login: str | None
    replies: list[Reply] = field(default_factory=list)

    async def open(self) -> None:
        """Opens the adapter."""
        await self.adapter.open()

    async def close(self) -> None:
        """Closes the adapter."""
        await self.adapter.close()

    async def send(self, exchange: Exchange) -> Reply:
        """Sends, and keeps the reply unless it is a token."""
        reply = await self.adapter.send(exchange)
        if exchange.name != self.login:
            self.replies.append(reply)
        return reply


@dataclass(frozen=True, slots=True)
class Heard:
    """One operation of one dialect: questions about two records, and the replies to the first of them."""

    connector: Connector
    dialect: Dialect
    operation: Operation[Any, Any]
    settings: UpstreamSettings
    officer: Officer | None
    query: Canonical
    other: Canonical
    replies: tuple[Reply, ...]

    def __str__(self) -> str:
        return f"{self.connector.name}.{self.dialect.name}.{self.operation.name}"

    async def again(self, query: Canonical, replies: tuple[Reply, ...]) -> tuple[object, list[object]]:
        """What the dialect makes of *replies* to *query*, and the events."""
        call = make_call(self.operation, query, connector=self.connector.name)
        clock = FakeClock(datetime.now(UTC))  # the country's day
        up = FakeUpstream(self.dialect, self.settings, replies, call=call, officer=self.officer, clock=clock)
        run = next(binding.run for binding in self.dialect.calls if binding.operation == self.operation)
        return await run(query, up), list(up.events)


def question(operation: Operation[Any, Any], sample: Mapping[str, Any]) -> Canonical:
    """A sample of the country as the operation's question."""
    fields = {**sample.get("path", {}), **sample.get("query", {}), **sample.get("body", {})}
    if operation.effect == "write" and not operation.path_fields():
        fields["dossier_code"] = f"000.00.04.H58-260108-{next(NUMBERS):04}"  # never sent before
    found: Canonical = operation.query.model_validate_json(json.dumps(fields), strict=True)
    return found


async def heard_of(
    connector: Connector, up: UpstreamPlan, officer: Officer | None, samples: Mapping[str, Any]
) -> list[Heard]:
    """Each operation that *up* answers, asked once."""
    login = up.dialect.login or road_login(up.settings)
    recording = Recording(make_adapter(up, CONTRACTS, InFlight(), silence), login and login.ask(up.settings).name)
    tokens = Tokens()
    found: list[Heard] = []
    clock = FakeClock(datetime.now(UTC))  # it stands still: however slow the machine, nothing takes too long
    ring = make_ring(up, recording, tokens, MemoryDays(), clock, silence)
    await recording.open()
    try:
        for binding in up.dialect.calls:
            if is_unheard(f"{connector.name}.{up.dialect.name}", binding.operation):
                continue
            given = samples[f"{connector.name}.{binding.operation.name}"]
            named = [s for s in own_samples(binding.operation, up.name, given) if s.get("exists", True)]
            first, other = (question(binding.operation, sample) for sample in (named[0], named[-1]))
            recording.replies.clear()
            call = make_call(binding.operation, first, connector=connector.name)
            await binding.run(first, BoundUpstream(up.settings, call, officer, ring.run, clock))
            replies = tuple(recording.replies)
            found.append(Heard(connector, up.dialect, binding.operation, up.settings, officer, first, other, replies))
    finally:
        await ring.close()
        await tokens.close()
        await recording.close()
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def heard(shared_national: National) -> Mapping[str, Heard]:
    """Every operation in every dialect, asked of the mock country."""
    samples = await shared_national.all_samples()
    found: dict[str, Heard] = {}
    for more in ({}, OTHER_DIALECTS):
        settings = laptop_settings(shared_national.url, upstreams=PLAIN, connectors=more)
        planned = plan(settings)
        for up in planned.upstreams:
            connector = CONNECTORS[up.connector]
            if any(name.startswith(f"{connector.name}.{up.dialect.name}.") for name in found):
                continue  # a supplement is taken once
            officer = officers(settings)(make_call(connector.operations[0]))
            found |= {str(one): one for one in await heard_of(connector, up, officer, samples)}
    return found


EVERY: Final = [
    f"{connector.name}.{dialect.name}.{binding.operation.name}"
    for connector, dialect in DIALECTS.values()
    for binding in dialect.calls
    if not is_unheard(f"{connector.name}.{dialect.name}", binding.operation)
]
every = pytest.mark.parametrize("name", EVERY)


# ---- drift


def with_news(body: Any) -> Any:
    """*body* with a field more in each of its objects; one of lists alone is a table, whose keys are values."""
    if isinstance(body, dict):
        news = {} if all(isinstance(value, list) for value in body.values()) else {"truongMoi": "x"}
        return {**{key: with_news(value) for key, value in body.items()}, **news}
    return [with_news(entry) for entry in body] if isinstance(body, list) else body


@on_one_loop
@every
async def test_new_field_is_seen_and_breaks_nothing(name: str, heard: Mapping[str, Heard]) -> None:
    """Rule ``drift_tolerant``: a field that a ministry adds is ignored and counted."""
    one = heard[name]
    assert (one.connector.name, "drift_tolerant") in RULES_DONE
    before, _ = await one.again(one.query, one.replies)
    changed = tuple(Reply(reply.status, reply.headers, with_news(reply.body)) for reply in one.replies)

    after, events = await one.again(one.query, changed)

    assert DriftSeen(one.connector.name, one.dialect.name, "unknown_field") in events
    assert isinstance(after, Canonical) == isinstance(before, Canonical)
    if isinstance(after, Canonical):
        assert after == before


# ---- the same record


@on_one_loop
@every
async def test_answer_about_another_record_is_refused(name: str, heard: Mapping[str, Heard]) -> None:
    """Rule ``same_record_checked``: the reply to one question, given to another, is never passed on."""
    one = heard[name]
    if name in NOT_COMPARED:
        return
    assert (one.connector.name, "same_record_checked") in RULES_DONE
    assert one.query != one.other

    with pytest.raises(OffContract) as met:
        await one.again(one.other, one.replies)

    assert met.value.reason == "inconsistent_response"


def test_only_what_is_asked_is_exempt_from_the_comparison() -> None:
    """No exemption outlives its operation."""
    assert NOT_COMPARED.keys() <= set(EVERY)


# ---- the table


def _rest(call: str, *bodies: object, status: int = 200) -> Iterator[tuple[Exchange, Reply]]:
    for body in bodies:
        yield Rest(name=call, path=call), Reply(status, {}, body)


def _tables() -> Iterator[tuple[Dialect, str, Exchange, Reply]]:
    """Each code of each dialect's table, in the shape in which it comes."""
    detail = {"Status": "0", "MainInformation": {}}
    for exchange, reply in _rest("chiTietDoanhNghiep", detail, {**detail, "Status": "1"}, {"data": detail}):
        yield REGISTRY, str(reply.body), exchange, reply
    for code, (_, words, _meaning) in CODES.items():
        for call in ("guiHoSo", "nhanTrangThai"):
            body = {"status": 0, "errorCode": code, "errorDescription": words}
            yield (LLTP2024, f"{call} {code}", *next(_rest(call, body)))
        for call in ("nhanHoSoDangKy", "traTrangThaiHs"):
            yield (JUSTICE, f"{call} {code}", *next(_rest(call, {"STATUS": code, "DESCRIPTION": words})))
    for code in FAULTS:
        for fault in (SoapFault(code, ""), SoapFault("Server", "", {"MaLoi": code})):
            yield WS, f"{fault.code} {code}", Soap(name="ChiTietVanBan"), Reply(500, {}, fault)
    for status, body in ((404, {"success": False}), (200, {"success": False}), (200, {"success": True, "data": None})):
        yield (GATEWAY, f"{status} {body}", *next(_rest("docDetail", body, status=status)))
    for code in sorted({*PORTAL_CODES, *(one for codes in PORTAL_CODES_OF_CALLS.values() for one in codes)}):
        for call in ("login", *PORTAL_CODES_OF_CALLS, "TraCuuHoSo", "LayDanhSachTTHC", "LayThuTuc"):
            yield (PORTAL, f"{call} {code}", *next(_rest(call, {"error_code": code.zfill(2), "message": "x"})))
    for code in ERROR_CODES:
        body = {"errorCode": code, "maSoBhxh": "9900000001"}
        yield (INSURANCE, code, *next(_rest("getMaSoBhxhTheoTieuChi", body)))
    for code in RESULTS:
        yield (VSS, code, *next(_rest("KQNhanLichSuKCB2024", {"maKetQua": code})))


TABLES: Final = list(_tables())


@pytest.mark.parametrize(
    ("dialect", "exchange", "reply"),
    [(dialect, exchange, reply) for dialect, _, exchange, reply in TABLES],
    ids=[f"{dialect.name} {what}" for dialect, what, _, _ in TABLES],
)
def test_each_code_of_a_table_has_its_meaning(dialect: Dialect, exchange: Exchange, reply: Reply) -> None:
    """Rule ``error_table_whole``: what the table names is an answer, a fact or an error of the tree, never a guess."""
    found = dialect.classify(exchange, reply)

    assert isinstance(found, GatewayError | ReplyKind)
    assert not isinstance(found, GatewayError) or type(found).__name__ != "GatewayError"


SAMPLES: Final = {
    connector.name: [
        (path.name, json.loads(path.read_text("utf-8")))
        for path in sorted((ROOT / "contracts" / connector.name / "samples").glob("*.json"))
        if not path.stem.endswith(".request")
    ]
    for connector in CONNECTORS.values()
}
LEFT_TO_HTTP: Final = {
    "docDetail.no-key.json": "comes with 401, which says it",
    "getTraCuuThongTinHgd.members.json": "a list with 200 is an answer",
}
"""Samples of which a table says nothing."""


@on_one_loop
@every_dialect
async def test_each_sample_of_the_contract_is_understood(
    connector: Connector, dialect: Dialect, heard: Mapping[str, Heard]
) -> None:
    """Rules ``contract_samples`` and ``error_table_whole``: the table knows what the contract shows of its calls."""
    if dialect.adapter == "soap":
        return  # what the contract shows is XML, which the adapter's reader is tested with
    asked = _calls_of(connector, dialect)
    samples = [(n, body) for n, body in SAMPLES[connector.name] if n.partition(".")[0] in asked]
    silent = [
        n
        for n, body in samples
        if all(
            dialect.classify(Rest(name=n.partition(".")[0], path="x"), Reply(s, {}, body)) is None for s in (200, 404)
        )
    ]

    assert (connector.name, "contract_samples") in RULES_DONE
    assert set(silent) <= LEFT_TO_HTTP.keys()


def _calls_of(connector: Connector, dialect: Dialect) -> set[str]:
    """The national calls that a dialect's modules name."""
    modules = [importlib.import_module(f"gateway.connectors.{connector.name}.{dialect.name}.translate")]
    text = "".join(Path(module.__file__ or "").read_text("utf-8") for module in modules)
    return {n.partition(".")[0] for n, _ in SAMPLES[connector.name] if f'"{n.partition(".")[0]}"' in text}


# ---- the rest


def properties_of(connector: Connector) -> list[str]:
    """The hypothesis tests of a connector."""
    return [
        f"{path.stem}.{name}"
        for path in sorted((ROOT / "tests" / "gateway" / "connectors" / connector.name).rglob("test_*.py"))
        for name, found in vars(_imported(path)).items()
        if getattr(found, "is_hypothesis_test", False)
    ]


def _imported(path: Path) -> Any:
    return importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


@every_connector
def test_what_is_declared_is_there(connector: Connector) -> None:
    """The other rules: marks, partial dates, a second dialect, a mock that opens, and properties that run."""
    models = [m for op in connector.operations for m in (*models_of(op.query), *answers(op))]
    service = importlib.import_module(f"mocks.services.{connector.name}")
    there = {
        "personal_marked": any(personal_fields(model) for model in models),
        "dates_partial": PartialDate in models,
        "dialects_agree": len(connector.dialects) > 1,
        "contract_samples": bool(SAMPLES[connector.name]),
        "mock_service": callable(service.open_service),
        "property_tests": bool(properties_of(connector)),
    }

    assert {rule for rule, found in there.items() if not found and (connector.name, rule) in RULES_DONE} == set()
