"""The calls of `apiBHXH`: participants, households and contributions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from mocks.engine.service import JSON, Reply, Request, World, json_reply
from mocks.population import Person
from mocks.population.people import HOUSEHOLDS
from mocks.services.social_insurance.coverage import participant_status
from mocks.services.social_insurance.habits import (
    BIRTH_KINDS,
    as_typed,
    breaks,
    compact_birth,
    folded,
    sex_code,
)
from mocks.services.social_insurance.history import spans_of
from mocks.services.social_insurance.register import Register

NUMBER_FIELDS: Final = frozenset({"maSoBhxh", "trangThai", "errorCode"})
_BORN_AND_SEX: Final = frozenset({"hoTen", "ngaySinh", "loaiNgaySinh", "gioiTinh"})
PARTICIPANT_FIELDS: Final = _BORN_AND_SEX | {"soSoCu", "maTinhKs", "maHuyenKs", "maXaKs", "trangThai", "errorCode"}
MEMBER_FIELDS: Final = _BORN_AND_SEX | {"maSo", "maHo", "diaChi", "trangThai", "errorCode"}
_SPAN: Final = frozenset({"tuThang", "denThang", "maDonVi", "tenDonVi", "chucDanh", "mucDong", "loaiDong"})
CONTRIBUTION_FIELDS: Final = _SPAN | {"maSoBhxh", "quaTrinhDong", "errorCode"}

#: One answer in seven has this content type [C: seen at similar systems].
_AS_HTML: Final = "text/html; charset=utf-8"
_NUMBER: Final = re.compile(r"[0-9]{10}|[0-9]{12}")
_NAME: Final = re.compile(r".{1,200}")
_BORN: Final = re.compile(r"[0-9]{4}([0-9]{2}([0-9]{2})?)?")
_KIND: Final = re.compile(r"[012]")
_SEX: Final = re.compile(r"[123]")
_PROVINCE: Final = re.compile(r"[0-9]{2}")

_BY_NUMBER: Final = {"maSoBhxh": _NUMBER}
_BY_CRITERIA: Final[Mapping[str, re.Pattern[str]]] = {
    "hoTen": _NAME,
    "ngaySinh": _BORN,
    "loaiNgaySinh": _KIND,
    "gioiTinh": _SEX,
    "maTinhKs": _PROVINCE,
    "maHuyenKs": re.compile(r"([0-9]{3})?"),
    "maXaKs": re.compile(r"([0-9]{5})?"),
    "isKs": re.compile(r"[01]"),
}
_OF_HOUSEHOLD: Final[Mapping[str, re.Pattern[str]]] = {
    "maTinh": _PROVINCE,
    "hoTen": re.compile(r".{0,200}"),
    "ngaySinh": re.compile(f"({_BORN.pattern})?"),
    "loaiNgaySinh": re.compile(r"[012]?"),
    "gioiTinh": re.compile(r"[123]?"),
    "soSo": re.compile(r"([0-9]{10}|[0-9]{12})?"),
    "maThe": re.compile(r"(([A-Z]{2}[1-5][0-9]{2})?[0-9]{10}|[0-9]{12})?"),
    "isKs": re.compile(r"[01]"),
}


def failure(code: str, text: str) -> Reply:
    """Returns an error code of the table [S]."""
    return json_reply({"errorCode": code, "moTa": text})


_UNKNOWN: Final = failure("01", "Không tìm thấy dữ liệu")
_MALFORMED: Final = failure("02", "Tham số không hợp lệ")


class Participants:
    """Answers from the population."""

    def __init__(self, world: World) -> None:
        self._register = Register(world)
        self._population = world.population
        self._people = world.population.people

    # ---- getMaSoBhxhTheoTieuChi

    def number(self, request: Request) -> Reply:
        """Answers with the first person whose name, birth and place fit; the search ignores sex [S]."""
        if breaks(request, _BY_CRITERIA):
            return json_reply({"maSoBhxh": None, "trangThai": None, "errorCode": "02"})
        asked = _texts(request, _BY_CRITERIA)
        found = next(self._register.fitting(asked, province=asked["maTinhKs"]), None)
        if found is None:
            # The source has two answers for "not found"; both occur.
            code = "01" if len(asked["hoTen"]) % 2 else ""
            return json_reply({"maSoBhxh": "", "trangThai": None, "errorCode": code})
        return self._number_of(found)

    def another_number(self, request: Request) -> Reply:
        """Answers with the number of a person with another name."""
        asked = folded(str(request.fields.get("hoTen", "")))
        return self._number_of(
            next(person for person in self._register.everybody() if folded(person.full_name) != asked)
        )

    def _number_of(self, person: Person) -> Reply:
        code = None if person.index % 2 else "00"
        body = {"maSoBhxh": person.social_insurance_number, "trangThai": participant_status(person), "errorCode": code}
        return json_reply(body)

    # ---- getTraCuuTtHgdByMaSoBhxh

    def participant(self, request: Request) -> Reply:
        """Answers with name, birth and place of registration; an unknown number gives an empty object or a code."""
        if breaks(request, _BY_NUMBER):
            return _MALFORMED
        person = self._register.by_number(request.fields["maSoBhxh"])
        if person is None:
            return json_reply({}) if str(request.fields["maSoBhxh"]).strip()[-1] in "13579" else _UNKNOWN
        index, place = person.index, person.birth_place
        recoded = index % 3 == 0  # registered again since the reform of 2025: without district
        body = {
            "hoTen": as_typed(person.full_name, index),
            "soSoCu": f"99{index:08d}" if index % 4 == 1 else "",
            "ngaySinh": compact_birth(person),
            "loaiNgaySinh": BIRTH_KINDS[person.birth_precision],
            "gioiTinh": sex_code(person),
            " maTinhKs" if index % 19 == 6 else "maTinhKs": place.new_province_code if recoded else place.province_code,
            "maHuyenKs": "" if recoded else place.district_code,
            "maXaKs": place.new_ward_code if recoded else place.ward_code,
            "trangThai": participant_status(person),
        }
        return json_reply(body, content_type=_AS_HTML if index % 7 == 6 else JSON)

    # ---- getTraCuuThongTinHgd

    def household(self, request: Request) -> Reply:
        """Answers with the members: a list, an object for one member, an empty list for no members."""
        if breaks(request, _OF_HOUSEHOLD):
            return _MALFORMED
        asked = _texts(request, _OF_HOUSEHOLD)
        if not (asked["soSo"] or asked["maThe"]) and not (asked["hoTen"] and asked["ngaySinh"]):
            request.breach("body: hoTen with ngaySinh, soSo or maThe is required")
            return _MALFORMED
        found = next(self._register.fitting(asked, province=asked["maTinh"]), None)
        return json_reply([]) if found is None else self._members(found)

    def another_household(self, request: Request) -> Reply:
        """Answers with a household that has neither the number nor the name of the request."""
        asked = _texts(request, _OF_HOUSEHOLD)
        numbers, name = {asked["soSo"], asked["maThe"][-10:]}, folded(asked["hoTen"])
        households = (self._of_household(index) for index in range(7, HOUSEHOLDS))
        return self._members(
            next(
                members[0]
                for members in households
                if not any(who.social_insurance_number in numbers or folded(who.full_name) == name for who in members)
            )
        )

    def _of_household(self, index: int) -> list[Person]:
        return [self._people[member] for member in self._people.household(index).members]

    def _members(self, person: Person) -> Reply:
        household = self._people.household(person.household_index)
        rows = [self._member(member, household.code) for member in self._of_household(household.index)]
        return json_reply(rows[0] if len(rows) == 1 else rows)

    def _member(self, person: Person, household: str) -> dict[str, object]:
        index = person.index
        where = person.address.after_reform if index % 2 else person.address.before_reform
        return {
            "maSo": person.social_insurance_number,
            "hoTen": as_typed(person.full_name, index),
            "ngaySinh": compact_birth(person),
            "loaiNgaySinh": BIRTH_KINDS[person.birth_precision],
            "gioiTinh": sex_code(person),
            "maHo": household,
            "diaChi": as_typed(where, index),
            "trangThai": participant_status(person),
        }

    # ---- getQuaTrinhDong

    def contributions(self, request: Request) -> Reply:
        """Answers with the periods, oldest first; without periods an empty list, for an unknown number code 01 [S]."""
        if breaks(request, _BY_NUMBER):
            return _MALFORMED
        person = self._register.by_number(request.fields["maSoBhxh"])
        return _UNKNOWN if person is None else self._history(person)

    def another_contributions(self, request: Request) -> Reply:
        """Answers with the history of another person."""
        asked = str(request.fields.get("maSoBhxh", "")).strip()
        return self._history(
            next(
                who for who in self._register.everybody() if who.social_insurance_number != asked and who.employer_index
            )
        )

    def _history(self, person: Person) -> Reply:
        rows = [span.as_json() for span in spans_of(person, self._population)]
        body = {
            "maSoBhxh": person.social_insurance_number,
            "errorCode": "00",
            "quaTrinhDong": rows[0] if len(rows) == 1 else rows,
        }
        return json_reply(body)


def _texts(request: Request, names: Mapping[str, object]) -> dict[str, str]:
    return {name: str(request.fields.get(name, "")).strip() for name in names}
