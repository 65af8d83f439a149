"""Both sides of the contract: what the connector sends, what the mock answers, and the samples between them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from gateway.connectors.social_insurance import CONNECTOR
from gateway.connectors.social_insurance.operations import HEALTH_CARD
from gateway.connectors.social_insurance.vss.login import LOGIN, VssSettings
from gateway.core.message import Exchange, Reply, Rest, Token
from gateway.core.upstream import Officer
from gateway.testing import FakeUpstream, make_call
from tests.support.laptop import ROOT
from tests.support.national import National

CONTRACT: Final = ROOT / "contracts" / "social_insurance"
SAMPLES: Final = sorted((CONTRACT / "samples").glob("*.json"))
DOCUMENTS: Final = {name: yaml.safe_load((CONTRACT / f"{name}.yaml").read_text("utf-8")) for name in ("ngsp", "vss")}
CALLS: Final = {
    operation["post"]["operationId"]: (name, path)
    for name, document in DOCUMENTS.items()
    for path, operation in document["paths"].items()
}
MEDIA: Final = {"take": "application/x-www-form-urlencoded", "token": "application/x-www-form-urlencoded"}
REGISTRY: Final = Registry().with_resources(
    (f"urn:{name}", Resource(document, DRAFT202012)) for name, document in DOCUMENTS.items()
)


def credential(name: str) -> str:
    """A published credential."""
    return (CONTRACT / "credentials" / name).read_text("utf-8").strip()


# Read here: a test that runs on the event loop opens no files.
ACCESS_KEY, SECRET_KEY = credential("access_key"), credential("secret_key")
ACCOUNT: Final = partial(VssSettings, username=credential("username"), password=credential("password"))
OFFICER: Final = Officer(credential("officer_name"), credential("officer_citizen_id"))


def check(call: str, part: str, value: object) -> None:
    """Fails where *value* breaks the schema of the request body or of the good answer of *call*."""
    document, path = CALLS[call]
    media = MEDIA.get(call, "application/json") if part == "requestBody" else "application/json"
    where = "/".join(
        step.replace("~", "~0").replace("/", "~1")
        for step in ("paths", path, "post", *part.split("."), "content", media)
    )
    broken = list(
        Draft202012Validator({"$ref": f"urn:{document}#/{where}/schema"}, registry=REGISTRY).iter_errors(value)
    )

    assert [(list(error.absolute_path), error.message) for error in broken] == [], (call, part)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_contract_is_valid_openapi(name: str) -> None:
    """OpenAPI 3.1."""
    validate(DOCUMENTS[name])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_keeps_the_contract(path: Path) -> None:
    """``<call>.request`` is a question, any other case an answer."""
    call, _, case = path.stem.partition(".")
    value = json.loads(path.read_text("utf-8"))

    check(call, "requestBody" if case == "request" else "responses.200", value)


def test_every_call_has_its_samples() -> None:
    """Of every call a question and an answer; the road's token is the same everywhere and has none."""
    stems = {path.stem for path in SAMPLES}

    assert {stem.partition(".")[0] for stem in stems} == CALLS.keys() - {"token"}
    assert {f"{call}.request" for call in CALLS.keys() - {"token", "take"}} <= stems


@pytest.mark.parametrize(
    ("call", "part", "value"),
    [
        ("getMaSoBhxhTheoTieuChi", "requestBody", {"hoTen": "A"}),
        ("getTraCuuTtHgdByMaSoBhxh", "requestBody", {"maSoBhxh": "123"}),
        ("getTraCuuThongTinHgd", "responses.200", [{"hoTen": "A"}]),
        ("getQuaTrinhDong", "responses.200", {"maSoBhxh": "9900000001"}),
        ("take", "responses.200", {"maKetQua": "200", "APIKey": None}),
        ("KQNhanLichSuKCB2024", "requestBody", {"maThe": "9900000001", "hoTen": "A", "ngaySinh": "1987-02-28"}),
        ("KQNhanLichSuKCB2024", "responses.200", {"maKetQua": "999"}),
    ],
)
def test_a_breach_is_seen(call: str, part: str, value: object) -> None:
    """The schemas are not so wide that anything fits."""
    with pytest.raises(AssertionError):
        check(call, part, value)


# ---- the connector against the mock


async def send(national: National, exchange: Exchange, headers: Mapping[str, str]) -> Reply:
    """The mock's answer, held to the contract."""
    assert isinstance(exchange, Rest)
    url = f"{national.url}/social-insurance/{exchange.path}"
    async with national.session.request(
        exchange.method, url, json=exchange.json, data=exchange.form, params=exchange.query, headers=headers
    ) as answer:
        body = json.loads(await answer.text())
    assert answer.status == 200
    check(exchange.name, "responses.200", body)
    return Reply(answer.status, {}, body)


SignedIn: TypeAlias = Callable[[Any], FakeUpstream[VssSettings]]


@pytest.fixture
async def signed_in(national: National) -> SignedIn:
    """Makes the upstream of an operation's binding, with the road's token and a session."""
    async with national.session.post(
        f"{national.url}/social-insurance/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {_basic(ACCESS_KEY, SECRET_KEY)}"},
    ) as answer:
        given = await answer.json()
    check("token", "responses.200", given)
    settings = ACCOUNT(url=national.url)
    login = LOGIN.ask(settings)
    check("take", "requestBody", login.form)
    token = LOGIN.read(await send(national, login, {}), datetime.now(UTC))
    assert isinstance(token, Token)
    headers = {"Authorization": f"Bearer {given['access_token']}"}

    def upstream(operation: Any) -> FakeUpstream[VssSettings]:
        """The upstream whose dialect answers *operation*."""
        dialect = next(d for d in CONNECTOR.dialects if any(b.operation == operation for b in d.calls))
        put = (lambda exchange: LOGIN.put(exchange, token, settings)) if dialect.login else (lambda exchange: exchange)

        async def ask_the_mock(exchange: Exchange) -> Reply:
            """Holds the question to the contract before it leaves."""
            assert isinstance(exchange, Rest)
            check(exchange.name, "requestBody", exchange.json)
            return await send(national, put(exchange), headers)

        return FakeUpstream(dialect, settings, ask_the_mock, call=make_call(operation), officer=OFFICER)

    return upstream


def _basic(name: str, secret: str) -> str:
    """RFC 7617."""
    return base64.b64encode(f"{name}:{secret}".encode()).decode()


@pytest.mark.parametrize("operation", CONNECTOR.operations, ids=lambda operation: operation.name)
async def test_connector_and_mock_keep_the_contract(operation: Any, national: National, signed_in: SignedIn) -> None:
    """For every sample of the mock: question and answer fit the schema, and the canonical answer is there or is not."""
    up = signed_in(operation)
    run = next(binding.run for binding in up.dialect.calls if binding.operation == operation)
    samples = (await national.all_samples())[f"social_insurance.{operation.name}"]

    for sample in samples:
        found = await run(operation.query.model_validate(sample["body"]), up)
        assert (found is not None) is sample.get("exists", True), sample["note"]
    assert len(samples) >= 7


async def test_both_dialects_tell_the_same_of_a_person(national: National, signed_in: SignedIn) -> None:
    """Name, birth date, sex and number of a card's holder are those of the participant."""
    participant, health_card = CONNECTOR.operations[0], HEALTH_CARD
    cards, people = signed_in(health_card), signed_in(participant)
    ask_card = next(b.run for b in cards.dialect.calls if b.operation == health_card)
    ask_person = next(b.run for b in people.dialect.calls if b.operation == participant)

    compared = 0
    for sample in await national.samples("social_insurance.health_card"):
        card = await ask_card(health_card.query.model_validate(sample["body"]), cards)
        if card.insurance_number is None:
            continue
        person = await ask_person(participant.query(insurance_number=card.insurance_number), people)
        same = {"insurance_number", "full_name", "birth_date", "sex"}
        assert card.model_dump(include=same) == person.model_dump(include=same)
        compared += 1
    assert compared >= 5
