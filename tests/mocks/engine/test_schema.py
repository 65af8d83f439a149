"""The mock's own reader of contracts agrees with jsonschema on what is sound."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mocks.engine.schema import Breach, Contract

CONTRACTS = Path(__file__).parents[3] / "contracts"
TEXT = (CONTRACTS / "public_service_portal" / "openapi.yaml").read_text(encoding="utf-8")
COMPONENTS: dict[str, Any] = yaml.safe_load(TEXT)["components"]
READER = Contract(TEXT)
STEP = {
    "MaHoSo": "000.00.04.H58-261005-0001",
    "NguoiXuLy": "Trần Thị Mai Phương",
    "ThoiDiemXuLy": "20261005100000",
    "NoiDungXuLy": "Xử lý",
    "TrangThai": "4",
}
GOOD = {"session": "s", "madonvi": "000.00.01.H58", "service": "CapNhatTienDoHoSoMC", "data": [STEP]}
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 12),
    st.text(max_size=8),
    st.sampled_from(["4", "10", "20261005100000", "20261305100000", "000.00.01.H58", "Khác"]),
    st.just([]),
    st.just({}),
)


def agrees(name: str, value: object) -> bool:
    """Whether both find it sound, or both do not."""
    whole = {"$ref": f"#/components/schemas/{name}", "components": COMPONENTS}
    sound: bool = Draft202012Validator(whole).is_valid(value)
    return sound is not any(READER.breaches(READER.named(name), value))


@given(st.dictionaries(st.sampled_from([*STEP, "ChucDanh", "NgayBatDau", "Khac"]), values, max_size=3))
def test_a_changed_message_is_judged_as_jsonschema_does(changes: dict[str, Any]) -> None:
    """Whatever type or text a field takes."""
    assert agrees("CapNhatTienDoHoSoMC", {**GOOD, "data": [{**STEP, **changes}]})


@given(st.dictionaries(st.sampled_from(list(GOOD)), values, max_size=2), st.sampled_from(list(GOOD)))
def test_a_changed_envelope_is_judged_as_jsonschema_does(changes: dict[str, Any], left_out: str) -> None:
    """Fields changed, and one left out."""
    changed = {**GOOD, **changes}
    del changed[left_out]

    assert agrees("CapNhatTienDoHoSoMC", {**GOOD, **changes})
    assert agrees("CapNhatTienDoHoSoMC", changed)


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        ({"data": []}, Breach("/data", "minItems")),
        ({"data": [{**STEP, "TrangThai": 4}]}, Breach("/data/0/TrangThai", "type")),
        ({"data": [STEP, {**STEP, "Khac": 1}]}, Breach("/data/1/Khac", "additionalProperties")),
        ({"service": "DongBoHoSoMC"}, Breach("/service", "const")),
        ({"madonvi": "H58"}, Breach("/madonvi", "pattern")),
        ({"session": ""}, Breach("/session", "minLength")),
    ],
)
def test_a_breach_says_where_and_which_rule(change: dict[str, Any], breach: Breach) -> None:
    """By JSON pointer and keyword, never by value."""
    assert list(READER.breaches(READER.named("CapNhatTienDoHoSoMC"), {**copy.deepcopy(GOOD), **change})) == [breach]
    assert str(Breach("", "type")) == "/: type"
