"""Both clients against a running gateway: every operation of the demo answers, typed."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Final, get_type_hints

import pytest
import pytest_asyncio
from pydantic import BaseModel, TypeAdapter

import lgsp_client
from gateway.core.canonical import Content
from lgsp_client import AsyncClient, CacheWish, Client
from lgsp_client import questions as questions_of
from tests.support.every_operation import OPERATIONS
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import KEY, PURPOSE, Portal
from tests.support.portal_client import STYLES, Style

PATIENT: Final = {**PLAIN, "attempt_timeout_s": 9}
"""The mock country looks up its first household for seconds where the machine is busy."""
WHO: Final = {"dossier": PURPOSE["X-Dossier-Id"], "user": PURPOSE["X-User-Id"]}
KNOWN: Final = "6799432450"

CANCEL: Final = "criminal_records.cancel"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def patient_portal(shared_national: National) -> AsyncIterator[Portal]:
    """A gateway beside *shared_national* that waits for it."""
    async with serving_portal(laptop_settings(shared_national.url, upstreams=PATIENT)) as found:
        yield found


def arguments(operation: str, sample: Mapping[str, Any]) -> dict[str, Any]:
    """*sample* of ``/__mock/samples`` as the keyword arguments of the client's method, each of its declared type."""
    system, _, name = operation.partition(".")
    function = getattr(getattr(questions_of, system), name)
    hints = {key: kind for key, kind in get_type_hints(function).items() if key != "return"}
    names = {info.alias or own: own for own, info in OPERATIONS[operation].query.model_fields.items()}
    given = {**sample.get("path", {}), **sample.get("query", {}), **sample.get("body", {})}
    return {names[wire]: TypeAdapter(hints[names[wire]]).validate_python(value) for wire, value in given.items()}


def call_of(operation: str, sample: Mapping[str, Any], order: str) -> Callable[[Any], Any]:
    """The call of *operation* on either client."""
    system, _, name = operation.partition(".")
    given = arguments(operation, sample)
    if OPERATIONS[operation].idempotency_key:
        given["idempotency_key"] = hashlib.sha256((order + json.dumps(sample, sort_keys=True)).encode()).hexdigest()
    inside = OPERATIONS[operation].path_fields()
    positional = [given.pop(field) for field in inside]
    return lambda client: getattr(getattr(client, system), name)(*positional, **given)


def whole(content: AbstractContextManager[lgsp_client.Content]) -> tuple[lgsp_client.Content, bytes]:
    """A file with its bytes."""
    with content as file:
        return file, file.read()


async def asked(style: Style, portal: Portal, operation: str, call: Callable[[Any], Any]) -> Any:
    """What *call* gives; a file with its bytes."""
    streams = OPERATIONS[operation].answer is Content
    if style == "sync":
        with Client(portal.gateway.url, KEY, **WHO) as client:
            return await asyncio.to_thread(lambda: whole(call(client)) if streams else call(client))
    async with AsyncClient(portal.gateway.url, KEY, **WHO) as client:
        if not streams:
            return await call(client)
        async with call(client) as file:
            return file, await file.aread()


def nothing_is_lost(sent: object, read: object, where: str = "") -> None:
    """Each field that the gateway sent is in what the client made of it: models have drifted apart nowhere."""
    if isinstance(sent, dict) and isinstance(read, dict):
        assert read == sent, where  # fields without names of ours, as their sender gave them
    elif isinstance(sent, dict):
        assert isinstance(read, BaseModel), where
        assert sent.keys() <= type(read).model_fields.keys(), where
        for name, value in sent.items():
            nothing_is_lost(value, getattr(read, name), f"{where}/{name}")
    elif isinstance(sent, list):
        assert isinstance(read, tuple), where
        for index, (one, other) in enumerate(zip(sent, read, strict=True)):
            nothing_is_lost(one, other, f"{where}/{index}")
    elif isinstance(read, datetime):
        assert read == datetime.fromisoformat(str(sent)), where
    else:
        assert str(read) == str(sent), where


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - {CANCEL}))
async def test_every_operation_answers(
    style: Style, operation: str, patient_portal: Portal, shared_national: National
) -> None:
    """With all that the gateway sends over plain HTTP, in the type that the method promises."""
    sample = (await shared_national.all_samples())[operation][STYLES.index(style)]
    declared = OPERATIONS[operation]
    if operation == "criminal_records.apply":
        sample = {**sample, "body": {**sample["body"], "dossier_code": f"000.00.04.H58-261124-{style}"}}
    found = await asked(style, patient_portal, operation, call_of(operation, sample, style))

    if declared.answer is Content:
        file, body = found
        plain = await patient_portal.look_up(operation, sample)
        assert (file.media_type, bool(file.filename)) == (plain.media_type, True)
        assert body == plain.body
        return
    plain = await patient_portal.look_up(operation, sample) if declared.effect == "read" else None
    assert found.status == declared.success
    assert (found.meta.system, found.meta.operation) == tuple(operation.split("."))
    assert (found.location is not None) == (declared.success == 202)
    if plain is not None:
        nothing_is_lost(plain.json["data"], found.data)


@pytest.mark.parametrize("style", STYLES)
async def test_what_was_sent_is_not_cancelled(style: Style, patient_portal: Portal, shared_national: National) -> None:
    """A DELETE reaches the gateway, which says why not."""
    sample = (await shared_national.all_samples())[CANCEL][0]

    with pytest.raises(lgsp_client.Conflict) as met:
        await asked(style, patient_portal, CANCEL, call_of(CANCEL, sample, style))
    assert met.value.reason == "already_sent"


@pytest.mark.parametrize("style", STYLES)
async def test_batch_and_catalogue_answer(style: Style, patient_portal: Portal) -> None:
    """Reads of several systems at once, each typed as by itself; and what is connected."""
    questions = [
        questions_of.business_registry.enterprise(KNOWN),
        questions_of.legal_documents.search(number="68/2014/QH13"),
        questions_of.business_registry.enterprise("6799432451"),
    ]
    if style == "sync":
        with Client(patient_portal.gateway.url, KEY, **WHO) as client:
            results = await asyncio.to_thread(client.batch, questions)
            connectors = await asyncio.to_thread(client.connectors)
            one = await asyncio.to_thread(client.connector, "legal_documents")
    else:
        async with AsyncClient(patient_portal.gateway.url, KEY, **WHO) as gateway:
            results = await gateway.batch(questions)
            connectors, one = await gateway.connectors(), await gateway.connector("legal_documents")

    enterprise, documents, mistyped = results
    assert enterprise.unwrap().data.enterprise_code == KNOWN
    assert documents.unwrap().data[0].number == "68/2014/QH13"
    assert isinstance(mistyped.error, lgsp_client.InvalidRequest)
    assert {connector.name for connector in connectors} == {name.partition(".")[0] for name in OPERATIONS}
    assert one.state == "up"
    assert all(operation.offered for operation in one.operations)


async def test_pages_of_a_running_gateway_are_joined(patient_portal: Portal) -> None:
    """All that the catalogue has, without a record twice."""
    async with AsyncClient(patient_portal.gateway.url, KEY) as client:
        page = await client.legal_documents.search(type="law")
        records = [record.document_id async for record in page]

    assert page.meta.next_page_token is not None
    assert len(records) == len(set(records)) == page.meta.total


REFUSED: Final[Mapping[type[lgsp_client.LgspError], Callable[[AsyncClient], Any]]] = {
    lgsp_client.InvalidRequest: lambda client: client.business_registry.enterprise("6799432451"),
    lgsp_client.NotFound: lambda client: client.legal_documents.document("0"),
    lgsp_client.PurposeRequired: lambda client: client.social_insurance.contributions(insurance_number="9908432175"),
    lgsp_client.NotCached: lambda client: client.legal_documents.search(
        q="không có", cache=CacheWish(only_if_cached=True)
    ),
}


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.__name__)
async def test_running_gateway_refuses_by_exception(kind: type[lgsp_client.LgspError], patient_portal: Portal) -> None:
    """In the words of a real problem document."""
    async with AsyncClient(patient_portal.gateway.url, KEY, language="vi") as client:
        with pytest.raises(kind) as caught:
            await REFUSED[kind](client)

    assert caught.value.problem is not None
    assert caught.value.request_id
    assert caught.value.outcome == "not_done"


async def test_wrong_key_and_silent_gateway_are_told_apart(patient_portal: Portal) -> None:
    """One is answered, the other is not there."""
    async with AsyncClient(patient_portal.gateway.url, "lgsp_wrong_key") as client:
        with pytest.raises(lgsp_client.Unauthenticated):
            await client.business_registry.enterprise(KNOWN)
    async with AsyncClient("http://127.0.0.1:9", KEY) as nobody:
        with pytest.raises(lgsp_client.TransportError) as caught:
            await nobody.business_registry.enterprise(KNOWN)
    assert (caught.value.retryable, caught.value.outcome) == (True, "not_done")


async def test_cached_answer_says_so(patient_portal: Portal, shared_national: National) -> None:
    """The second is the cache's, in meta and in the headers."""
    number = (await shared_national.samples("legal_documents.document"))[0]["path"]["document_id"]
    async with AsyncClient(patient_portal.gateway.url, KEY) as client:
        await client.legal_documents.document(number, in_force_on=date(2024, 1, 1))
        again = await client.legal_documents.document(number, in_force_on=date(2024, 1, 1))

    assert again.meta.freshness == "cached"
    assert again.headers["Cache-Status"].startswith("lgsp; hit")
