"""The criminal records contract, held from both sides: what the connector sends, what the mock answers."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types
from openapi_spec_validator import validate

from gateway.connectors.criminal_records.lltp2024 import translate as lltp2024
from gateway.connectors.criminal_records.lltp2024.translate import Lltp2024Settings
from gateway.connectors.criminal_records.lltp2024.wire import WireStatus as NewerStatus
from gateway.connectors.criminal_records.lltp2024.wire import WireSubmitted as NewerSubmitted
from gateway.connectors.criminal_records.model import ApplicationOrder
from gateway.connectors.criminal_records.ngsp import translate as ngsp
from gateway.connectors.criminal_records.ngsp.translate import NgspSettings
from gateway.connectors.criminal_records.ngsp.wire import WireStatus as OlderStatus
from gateway.connectors.criminal_records.ngsp.wire import WireSubmitted as OlderSubmitted
from gateway.connectors.criminal_records.translate import CODES as KNOWN_CODES
from gateway.core.canonical import Wire
from gateway.core.message import Reply, ReplyKind, Rest
from mocks.engine.country import Country
from mocks.engine.service import Request
from mocks.services.criminal_records import open_service
from mocks.services.criminal_records.rules import CODES, Contract

FOLDER: Final = Path(__file__).parents[2] / "contracts" / "criminal_records"
DIALECTS: Final = ("lltp2024", "ngsp")
SAMPLES: Final = sorted((FOLDER / "samples").glob("*.json"))
LLTP: Final = Lltp2024Settings.model_validate(
    {
        "url": "http://x",
        "auth_key": (FOLDER / "credentials" / "auth_key").read_text().strip(),
        "province_code": "82",
        "province_name": "Tỉnh Đồng Tháp",
    }
)
#: Ethnic groups as the mock's catalogue 3 numbers them.
ROAD: Final = NgspSettings.model_validate(
    {
        "url": "http://x",
        "ministry_justice_id": 82,
        "region_id": 28,
        "ethnicity_ids": {
            "01": 55305, "02": 55306, "03": 55307, "04": 55308, "05": 55309, "06": 55310, "08": 55312, "12": 55316,
        },
    }
)  # fmt: skip


@cache
def document(dialect: str) -> dict[str, Any]:
    """A contract as it stands."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{dialect}.yaml").read_text(encoding="utf-8"))
    return found


@cache
def operation(name: str) -> tuple[str, dict[str, Any]]:
    """The dialect and the description of a national call."""
    return next(
        (dialect, path["post"])
        for dialect in DIALECTS
        for path in document(dialect)["paths"].values()
        if path["post"]["operationId"] == name
    )


@cache
def validator(name: str, side: str) -> Draft202012Validator:
    """Of the question or the answer of a national call."""
    dialect, described = operation(name)
    holder = described["requestBody"] if side == "question" else described["responses"]["200"]
    schema = holder["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document(dialect)["components"]})


@pytest.fixture(scope="module")
def country() -> Country:
    """The criminal records system alone, asked without a socket."""
    return Country(services=[open_service])


def sent(message: Rest) -> dict[str, Any]:
    """A message as it leaves."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(message.json))
    return found


def ask(country: Country, name: str, message: Mapping[str, object]) -> tuple[dict[str, Any], list[str]]:
    """What the mock answers, and which rules it finds broken."""
    call = next(call for call in country.services["criminal_records"].calls if call.name == name)
    request = Request("POST", f"/criminal-records/{call.path}", {}, {}, json.dumps(message).encode())
    return json.loads(call.answer(request).body), request.breaches


def orders(country: Country) -> list[ApplicationOrder]:
    """The whole applications that the mock offers to try."""
    samples = country.services["criminal_records"].samples()["criminal_records.apply"]
    return [ApplicationOrder.model_validate(sample["body"]) for sample in samples]


def road_orders(country: Country) -> list[ApplicationOrder]:
    """Those without scans, which the NGSP has no room for."""
    return [order.model_copy(update={"attachments": ()}) for order in orders(country)]


def dossiers(country: Country) -> Iterator[str]:
    """Dossier codes, known and unknown."""
    for sample in country.services["criminal_records"].samples()["criminal_records.application"]:
        path = sample["path"]
        assert isinstance(path, dict)
        yield path["application_id"]
    yield from (f"000.00.04.H58-260105-{number:04d}" for number in range(1, 36))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_contract_is_openapi(dialect: str) -> None:
    """Each contract is a valid OpenAPI 3.1 description."""
    validate(document(dialect))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_sample_fits_its_contract(path: Path) -> None:
    """Each committed sample is what the contract says, question or answer."""
    name = path.stem.partition(".")[0]
    side = "question" if path.stem.endswith("request") else "answer"

    validator(name, side).validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_call_has_samples(dialect: str) -> None:
    """Each call of the contract has a question and an answer among the samples."""
    stems = [path.stem for path in SAMPLES]

    for path in document(dialect)["paths"].values():
        if "application/json" not in path["post"]["requestBody"]["content"]:
            continue  # the road's token is asked for with a form, as everywhere
        own = [stem for stem in stems if stem.startswith(f"{path['post']['operationId']}.")]
        assert any(stem.endswith("request") for stem in own), path
        assert any(not stem.endswith("request") for stem in own), path


READ: Final[Mapping[str, tuple[Any, type[Wire]]]] = {
    "guiHoSo": (lltp2024, NewerSubmitted),
    "nhanTrangThai": (lltp2024, NewerStatus),
    "nhanHoSoDangKy": (ngsp, OlderSubmitted),
    "traTrangThaiHs": (ngsp, OlderStatus),
}
"""The calls whose answers the connector reads."""
ANSWERS: Final = [path for path in SAMPLES if path.stem.partition(".")[0] in READ and not path.stem.endswith("request")]


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_sample_is_read_by_the_connector(path: Path) -> None:
    """The committed answers are decoded by the wire models, and the table tells well ones from the rest."""
    name, _, case = path.stem.partition(".")
    dialect, model = READ[name]
    body = json.loads(path.read_text(encoding="utf-8"))

    found = dialect.classify(Rest(name=name, path="x"), Reply(200, {}, body))

    unwell = any(word in case for word in ("error", "incorrect", "uncomplete", "already", "no_entry", "not_found"))
    assert (found is ReplyKind.ANSWER) is not unwell
    if found is ReplyKind.ANSWER:
        model.model_validate(body)


def test_what_the_connector_sends_fits(country: Country) -> None:
    """Every message of the connector is a question of the contract."""
    for order in orders(country):
        validator("guiHoSo", "question").validate(sent(lltp2024.submission(order, LLTP)))
    for order in road_orders(country):
        validator("nhanHoSoDangKy", "question").validate(sent(ngsp.submission(order, ROAD)))
    for code in dossiers(country):
        validator("nhanTrangThai", "question").validate(sent(lltp2024.status_request(code, LLTP)))
        validator("traTrangThaiHs", "question").validate(sent(ngsp.status_request(code, ROAD)))


def test_what_the_mock_answers_fits(country: Country) -> None:
    """Every answer of the mock, of every state and to unknown dossiers, is an answer of the contract."""
    for code in dossiers(country):
        for name, message in (
            ("nhanTrangThai", sent(lltp2024.status_request(code, LLTP))),
            ("traTrangThaiHs", sent(ngsp.status_request(code, ROAD))),
        ):
            answer, breaches = ask(country, name, message)
            assert breaches == []
            validator(name, "answer").validate(answer)
    for info_type in "12345":
        for name in ("traDsTrangThaiHs", "traHoSo", "traDanhMuc"):
            validator(name, "answer").validate(ask(country, name, {"infoType": info_type})[0])


def test_submissions_are_answered_as_the_contract_says(country: Country) -> None:
    """Accepted, known already, and refused with each code: all are answers of the contract."""
    newer = [sent(lltp2024.submission(order, LLTP)) for order in orders(country)]
    older = [
        sent(ngsp.submission(order.model_copy(update={"dossier_code": f"R-{number}"}), ROAD))
        for number, order in enumerate(road_orders(country))
    ]
    for name, messages in (("guiHoSo", newer), ("nhanHoSoDangKy", older)):
        for message in messages:
            for changed in (message, message, {**message, "authKey": "x"}, {**message, "maTinh": "01"}, {}):
                validator(name, "answer").validate(ask(country, name, changed)[0])


def test_tables_of_both_sides_name_the_same_codes() -> None:
    """The connector reads each code that the mock can say."""
    said = {code: word for code, (word, _) in CODES.items()}

    assert said == {code: word for code, (word, _, _) in KNOWN_CODES.items()}


# ---- the mock's own reading of the contract


def paths_in(value: object, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every value within."""
    yield above
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths_in(inner, (*above, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from paths_in(inner, (*above, index))


def changed_at(message: Any, path: tuple[str | int, ...], change: object) -> Any:
    """*message* with the value at *path* replaced, or taken out where *change* is an ellipsis."""
    if not path:
        return {} if change is ... else change
    message = copy.deepcopy(message)
    inside = message
    for part in path[:-1]:
        inside = inside[part]
    if change is ...:
        del inside[path[-1]]
    else:
        inside[path[-1]] = change
    return message


@pytest.mark.parametrize("name", ["guiHoSo", "nhanHoSoDangKy"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_mock_reads_the_contract_as_json_schema_says(name: str, data: st.DataObject) -> None:
    """The mock finds a message broken exactly where a full validator does."""
    case = data.draw(st.sampled_from(["person", "mandate"]))
    message = json.loads((FOLDER / "samples" / f"{name}.{case}.request.json").read_text(encoding="utf-8"))
    change: object = data.draw(
        st.sampled_from([..., None, "", "x", "1", 1, -1, True, [], {}, ["a"], "31/12/2026", "y" * 2001])
    )
    broken = changed_at(message, data.draw(st.sampled_from(list(paths_in(message)))), change)
    dialect, described = operation(name)
    contract = Contract((FOLDER / f"{dialect}.yaml").read_text(encoding="utf-8"))
    schema = described["requestBody"]["content"]["application/json"]["schema"]

    found = [breach.pointer for breach in contract.breaches(schema, broken)]

    assert bool(found) is not validator(name, "question").is_valid(broken)
