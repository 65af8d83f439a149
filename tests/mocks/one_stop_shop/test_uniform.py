"""The uniform bodies that samples offer: nothing of a dossier is lost, and what is empty is left out."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from mocks.engine.clock import HANOI
from mocks.engine.country import Country
from mocks.engine.service import World
from mocks.one_stop_shop.dossiers import STATUSES, applicants, dossier, instant, procedure_for, seeded, step
from mocks.one_stop_shop.fields import OF_DOSSIER, OF_STEP
from mocks.one_stop_shop.procedures import procedures
from mocks.one_stop_shop.uniform import dossier_body, progress_body

AT = datetime(2026, 10, 5, 9, 15, tzinfo=HANOI)


@pytest.fixture(scope="module")
def world() -> World:
    """Of a country without systems."""
    return Country(services=[]).world


def leaves(value: Any) -> set[str]:
    """All texts and numbers within."""
    if isinstance(value, dict):
        return {leaf for inner in value.values() for leaf in leaves(inner)}
    if isinstance(value, list):
        return {leaf for inner in value for leaf in leaves(inner)}
    return {str(value)}


def test_every_value_of_a_dossier_stands_in_the_body(world: World) -> None:
    """Codes become words and instants ISO 8601; everything else is there as it is."""
    for held in seeded(world, "000.00.04.H58-260105-0001"):
        body = dossier_body(held)
        found = leaves(body)
        coded = {"MaHoSo", "KenhThucHien", "LoaiDoiTuong", "TrangThaiHoSo", "HinhThuc", "DanhSachLePhi", "TaiLieuNop"}
        for name, value in held.items():
            if name not in coded and not name.startswith("Ngay"):
                assert leaves(value) - {""} <= found, name
        assert (
            body["received_at"]
            == datetime.strptime(str(held["NgayTiepNhan"]), "%Y%m%d%H%M%S").replace(tzinfo=HANOI).isoformat()
        )
        assert body["status"] == STATUSES[str(held["TrangThaiHoSo"])]
        assert None not in body.values()


def test_seeded_dossiers_are_in_every_state_and_the_same_for_everybody(world: World) -> None:
    """All ten states, citizens and enterprises, all fields in the contract's order."""
    first, again = (list(seeded(world, "000.00.04.H58-260105-0001")) for _ in range(2))

    assert first == again
    assert {held["TrangThaiHoSo"] for held in first} == set(STATUSES)
    assert {held["LoaiDoiTuong"] for held in first} == {"1", "2"}
    assert all(tuple(held) == OF_DOSSIER for held in first)


def test_a_step_has_all_its_fields(world: World) -> None:
    """In the contract's order, and in the body under their own names."""
    applicant = next(applicants(world))
    held = dossier("000.00.04.H58-261005-0001", applicant, procedure_for(applicant, 0), "2", AT)
    done = step(held, AT + timedelta(minutes=5), "4")

    assert tuple(done) == OF_STEP
    assert progress_body(done) == {
        "officer": {"full_name": "Trần Thị Mai Phương", "position": "Chuyên viên"},
        "processed_at": "2026-10-05T09:20:00+07:00",
        "department": held["DonViXuLy"],
        "content": "Xử lý hồ sơ",
        "status": "in_process",
        "started_at": "2026-10-05T09:15:00+07:00",
        "due_at": progress_body(done)["due_at"],
    }
    assert instant(AT) == "20261005091500"


def test_enterprises_ask_for_what_enterprises_ask_for(world: World) -> None:
    """And each applicant's identifier leads back to the population."""
    population = world.population
    for turn, applicant in enumerate(islice(applicants(world), 60)):
        field = procedure_for(applicant, turn).field
        if applicant.kind == "2":
            assert field == "Thành lập và hoạt động của doanh nghiệp"
            assert population.enterprises.by_code(applicant.identifier) is not None
        else:
            assert field != "Thành lập và hoạt động của doanh nghiệp"
            assert population.people.by_citizen_id(applicant.identifier) is not None


def test_procedures_have_codes_of_the_test_range() -> None:
    """Each its own; nobody mistakes them for published ones."""
    codes = [known.code for known in procedures()]

    assert len(set(codes)) == len(codes) >= 30
    assert all(code.startswith("9.") and code.endswith(".H58") for code in codes)
