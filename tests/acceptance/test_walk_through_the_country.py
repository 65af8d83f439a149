"""One person through all the systems: what one of them says of somebody, the others know as well."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pytest
from pypdf import PdfReader

from mocks.engine.xroad import PREFIX
from mocks.population import Person
from tests.support.national import National
from tests.support.portal import Portal

AGENCY = "000.00.01.H58"
CERTIFICATES = "Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam"


@dataclass(slots=True)
class OneStopShop:
    """Speaks the national portal's own tongue, by the X-Road road or past it."""

    national: National
    base: str
    headers: dict[str, str]
    session: str = ""

    async def _post(self, path: str, message: object) -> dict[str, Any]:
        where = f"{self.national.url}{self.base}/{path}"
        async with self.national.session.post(where, json=message, headers=self.headers) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    async def log_in(self) -> None:
        """With the published account."""
        world = self.national.country.world
        account = {name: world.credential("public_service_portal", name) for name in ("username", "password")}
        self.session = (await self._post("auth", account))["session"]

    async def ask(self, service: str, path: str = "integration", **more: object) -> dict[str, Any]:
        """One call of the session."""
        envelope = {"session": self.session, "madonvi": AGENCY, "service": service}
        return await self._post(path, {**envelope, **more})


@pytest.mark.parametrize("way", ["direct", "x-road"])
async def test_the_person_behind_an_enterprise_gets_a_certificate_and_the_portal_hears_of_it(
    portal: Portal, national: National, way: str
) -> None:
    """Enterprise → its representative → insured by it → certificate applied for and issued → dossier reported."""
    enterprise, person = await the_person_behind_an_enterprise(portal, national)
    await is_insured_by(portal, person, enterprise)
    law = await portal.look_up("legal_documents.search", {"query": {"number": "61/2018/NĐ-CP"}})
    order = await applies_for_a_certificate(portal, national, person)

    shop = OneStopShop(national, "/public-service-portal", {})
    if way == "x-road":
        shop.base = f"{PREFIX}VN/GOV/000.00.00.G22/dvcqg/motcua"
        shop.headers = {"X-Road-Client": "VN/GOV/000.00.00.H58/lgsp"}
    await shop.log_in()
    procedure = await the_procedure(shop)
    assert procedure["CANCUPHAPLY"][0]["SOVANBAN"] in {found["number"] for found in law.json["data"]}
    await is_reported(shop, dossier_of(order, procedure, "2", "20261005091500"))

    await national.advance("P20D")
    where = f"/v1/criminal-records/applications/{order['dossier_code']}"
    assert (await portal.ask("GET", where)).json["data"]["state"] == "issued"
    paper = await portal.ask("GET", f"{where}/certificate")
    assert person.full_name in PdfReader(io.BytesIO(paper.body)).pages[0].extract_text()
    await is_finished(shop, dossier_of(order, procedure, "9", "20261005091500"))


async def the_person_behind_an_enterprise(portal: Portal, national: National) -> tuple[dict[str, Any], Person]:
    """By the gateway: the register names them with their identity number."""
    for sample in await national.samples("business_registry.enterprise"):
        enterprise: dict[str, Any] = (await portal.look_up("business_registry.enterprise", sample)).json["data"]
        for head in enterprise["representatives"]:
            person = national.country.world.population.people.by_citizen_id(head["identity_number"] or "")
            if person is not None and person.birth_precision == "date" and person.birth_date.year <= 2004:
                assert person.full_name == head["full_name"]
                return enterprise, person
    pytest.fail("no sample enterprise is represented by somebody of the population")


async def is_insured_by(portal: Portal, person: Person, enterprise: dict[str, Any]) -> None:
    """By the gateway: found by name, birth and place, and insured by the enterprise today."""
    by_name = {
        "full_name": person.full_name,
        "birth_date": {"value": person.birth_date.isoformat(), "precision": "day"},
        "sex": person.sex,
        "province_code": person.birth_place.province_code,
    }
    found = await portal.look_up("social_insurance.participant", {"body": by_name})
    assert found.status == 200, found.body
    number = found.json["data"]["insurance_number"]
    assert number == person.social_insurance_number
    history = await portal.look_up("social_insurance.contributions", {"body": {"insurance_number": number}})
    assert history.json["data"][-1]["employer"] == enterprise["name"]
    assert history.json["data"][-1]["end"] is None


async def applies_for_a_certificate(portal: Portal, national: National, person: Person) -> dict[str, Any]:
    """By the gateway: a whole application of this person's, accepted."""
    (sample, *_) = await national.samples("criminal_records.apply")
    applicant = {
        **sample["body"]["applicant"],
        "full_name": person.full_name,
        "sex": person.sex,
        "birth_date": {"value": person.birth_date.isoformat(), "precision": "day"},
        "phone": person.phone,
        "identity_document": {**sample["body"]["applicant"]["identity_document"], "number": person.citizen_id},
    }
    order: dict[str, Any] = {**sample["body"], "applicant": applicant}
    accepted = await portal.look_up("criminal_records.apply", {"body": order})
    assert accepted.status == 202, accepted.body
    return order


async def the_procedure(shop: OneStopShop) -> dict[str, Any]:
    """As the national portal publishes it."""
    listed = (await shop.ask("LayDanhSachTTHC", path="share"))["result"]
    code = next(row["MATTHC"] for row in listed if row["TENTTHC"].startswith(CERTIFICATES))
    (procedure,) = (await shop.ask("LayThuTuc", maTTHC=code))["result"]
    found: dict[str, Any] = procedure
    return found


def dossier_of(order: dict[str, Any], procedure: dict[str, Any], status: str, received_at: str) -> dict[str, Any]:
    """The application as the national portal wants to hear of it."""
    applicant = order["applicant"]
    (field,) = procedure["LINHVUCTHUCHIEN"]
    return {
        "MaHoSo": order["dossier_code"],
        "MaTTHC": procedure["MATTHC"],
        "TenTTHC": procedure["TENTTHC"],
        "MaLinhVuc": field["MALINHVUC"],
        "TenLinhVuc": field["TENLINHVUC"],
        "KenhThucHien": "2",
        "ChuHoSo": applicant["full_name"],
        "LoaiDoiTuong": "1",
        "MaDoiTuong": applicant["identity_document"]["number"],
        "SoDienThoai": applicant["phone"],
        "NgayTiepNhan": received_at,
        "TrangThaiHoSo": status,
        "DonViXuLy": procedure["COQUANTHUCHIEN"][0]["TENDONVI"],
    }


def step_of(dossier: dict[str, Any], at: str) -> dict[str, Any]:
    """One step of its handling."""
    return {
        "MaHoSo": dossier["MaHoSo"],
        "NguoiXuLy": "Trần Thị Mai Phương",
        "ThoiDiemXuLy": at,
        "NoiDungXuLy": "Xử lý hồ sơ",
        "TrangThai": dossier["TrangThaiHoSo"],
    }


async def is_reported(shop: OneStopShop, dossier: dict[str, Any]) -> None:
    """Sent as new because the portal does not know it, then its first step: in this order only."""
    step = step_of(dossier, "20261005092000")
    assert (await shop.ask("TraCuuHoSo", mahoso=dossier["MaHoSo"]))["result"] == []
    assert (await shop.ask("CapNhatTienDoHoSoMC", data=[step]))["error_code"] == "05"
    assert (await shop.ask("DongBoHoSoMC", isUpdating="False", data=[dossier]))["error_code"] == "00"
    assert (await shop.ask("CapNhatTienDoHoSoMC", data=[step]))["error_code"] == "00"


async def is_finished(shop: OneStopShop, dossier: dict[str, Any]) -> None:
    """Sent again as an update, with its last step; and then the portal knows how it ended."""
    assert (await shop.ask("DongBoHoSoMC", isUpdating="True", data=[dossier]))["error_code"] == "00"
    step = step_of(dossier, "20261020100000")
    assert (await shop.ask("CapNhatTienDoHoSoMC", data=[step]))["error_code"] == "00"
    (found,) = (await shop.ask("TraCuuHoSo", mahoso=dossier["MaHoSo"]))["result"]
    assert (found["TrangThaiHoSo"], [done["TrangThai"] for done in found["TienDo"]]) == ("9", ["2", "9"])
