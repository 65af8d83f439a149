"""Whatever a stranger or a client with an account sends: an answer of the system, never a bug of the mock."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from mocks.engine.country import Country
from mocks.engine.service import Reply, Request
from mocks.one_stop_shop.fields import OF_DOSSIER, OF_STEP
from mocks.services import ministry_portals, public_service_portal

SERVICES = ("TraCuuHoSo", "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "LayThuTuc", "LayHoSoGuiTinh", "XacNhanHoSoGuiTinh")
NAMES = ("mahoso", "maTTHC", "isUpdating", "data", "soLuong", "MaThongDiep", "madonvi")
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12).filter(lambda text: text.isprintable()),
    st.sampled_from(["True", "000.00.04.H58-260105-9001", "20261005100000", "9.000101.000.00.00.H58", "1", "50"]),
)
rows = st.dictionaries(st.sampled_from([*OF_DOSSIER, *OF_STEP, "Khac"]), leaves, max_size=6)
values = st.one_of(leaves, rows, st.lists(st.one_of(leaves, rows), max_size=3))
messages = st.dictionaries(st.sampled_from(NAMES), values, max_size=4)


@pytest.fixture(scope="module")
def country() -> Country:
    """Portals and ministries, asked without a socket."""
    return Country(services=[public_service_portal.open_service, ministry_portals.open_service])


def answered(country: Country, path: str, body: bytes, content_type: str) -> Reply | None:
    """What the call that fits says; None where none fits."""
    request = Request("POST", path, {}, CIMultiDict({"Content-Type": content_type}), body)
    place = country.switchboard.find(request)
    if place is None:
        service = country.switchboard.service_at(path)
        assert service is not None
        assert service.unmatched is not None
        return service.unmatched(request)
    refusal = place.call.authenticate(request) if place.call.authenticate is not None else None
    if place.call.another is not None and refusal is None:
        place.call.another(request)
    return refusal if refusal is not None else place.call.answer(request)


def session(country: Country, path: str, account: str, system: str) -> str:
    """Of the published account."""
    world = country.world
    body = {name: world.credential(system, f"{account}{name}") for name in ("username", "password")}
    reply = answered(country, path, orjson.dumps(body), "application/json")
    assert reply is not None
    found: str = orjson.loads(reply.body)["session"]
    return found


@given(st.sampled_from(SERVICES), messages)
@pytest.mark.parametrize(
    ("prefix", "account", "system"),
    [
        ("/public-service-portal", "", "public_service_portal"),
        ("/ministry-portals/construction", "construction_", "ministry_portals"),
    ],
)
def test_any_json_is_answered_by_a_code(
    country: Country, prefix: str, account: str, system: str, service: str, message: dict[str, Any]
) -> None:
    """In HTTP 200, from within a session."""
    opened = session(country, f"{prefix}/auth", account, system)
    whole = {"session": opened, "madonvi": "000.00.01.H58", "service": service, **message}

    reply = answered(country, f"{prefix}/integration", orjson.dumps(whole), "application/json")

    assert reply is not None
    assert reply.status == 200
    assert "error_code" in orjson.loads(reply.body)


@given(values, st.sampled_from(["True", "False", ""]))
def test_any_list_of_a_province_is_answered_by_a_code(country: Country, body: Any, updating: str) -> None:
    """List or not."""
    path = "/public-service-portal/api/SynsTTHCC/DongBoHoSoMC"
    request = Request(
        "POST", path, {"MaDinhDanhDV": "000.00.01.H58", "isUpdating": updating}, CIMultiDict(), orjson.dumps(body)
    )
    place = country.switchboard.find(request)
    assert place is not None

    assert orjson.loads(place.call.answer(request).body)["error_code"]


def written(name: str, value: Any) -> str:
    """As repeated and nested elements."""
    if isinstance(value, list):
        return "".join(written(name, item) for item in value)
    if isinstance(value, dict):
        return f"<v:{name}>{''.join(written(key, inner) for key, inner in value.items())}</v:{name}>"
    return f"<v:{name}>{'' if value is None else escape(str(value))}</v:{name}>"


@given(st.sampled_from(SERVICES), messages)
def test_any_soap_is_answered_in_soap(country: Country, service: str, message: dict[str, Any]) -> None:
    """Under a token that stands: a message, or a Fault."""
    port = country.services["ministry_portals"]
    ask = port.tries["ministry_portals.dossier"](
        {"path": {"ministry": "health", "dossier_code": "000.00.04.H58-260105-9409"}}
    )
    inner = "".join(written(name, value) for name, value in {"madonvi": "000.00.01.H58", **message}.items())
    head, _, rest = ask.body.decode().partition("<soap:Body>")
    assert rest
    element = f'<v:{service} xmlns:v="urn:vn:gov:moh:dvc:ws:1">{inner}</v:{service}>'
    body = f"{head}<soap:Body>{element}</soap:Body></soap:Envelope>"

    reply = answered(country, "/ministry-portals/health/ws", body.encode(), "application/soap+xml")

    assert reply is not None
    assert reply.status in {200, 500}
    assert (b"Fault>" in reply.body) is (reply.status == 500)
