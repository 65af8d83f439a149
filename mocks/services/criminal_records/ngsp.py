"""Dialect ``ngsp``: six calls below ``apiLyLichTuPhap/``, the road's token, ``STATUS`` 1 or a code [G]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from mocks.engine.service import Reply, Request, World, json_reply
from mocks.population import Person, Residence
from mocks.services.criminal_records.applications import STATE_NAMES, Application, Form, Holder, birth_text
from mocks.services.criminal_records.courses import WITH_RESULT
from mocks.services.criminal_records.register import Register, folded
from mocks.services.criminal_records.rules import KNOWN_ALREADY, Contract, decide, decide_refused, told

AGENCY: Final = "82"
"""``idMinistryJustice`` and ``ministryJusticeId`` of the province."""

CATALOGUES: Final[Mapping[str, tuple[tuple[int, str], ...]]] = {
    "1": ((28, "Tỉnh Đồng Tháp"), (1, "Thành phố Hà Nội"), (79, "Thành phố Hồ Chí Minh")),
    "2": ((3106, "Việt Nam"), (3107, "Hàn Quốc"), (3108, "Nhật Bản"), (3109, "Hoa Kỳ")),
    "3": (
        (55305, "Kinh"), (55306, "Tày"), (55307, "Thái"), (55308, "Hoa"), (55309, "Khơ-me"), (55310, "Mường"),
        (55312, "Mông"), (55316, "Ê-đê"),
    ),
    "4": ((901, "Công an tỉnh Đồng Tháp"), (902, "Tòa án nhân dân tỉnh Đồng Tháp")),
    "5": ((int(AGENCY), "Phòng Hồ sơ nghiệp vụ, Công an tỉnh Đồng Tháp"),),
}  # fmt: skip
"""``traDanhMuc``: 3106 and 55305 are seen in public code [C], the other numbers are our assumption [S]."""

STATUS_FIELDS: Final = frozenset(
    {"STATUS", "DESCRIPTION", "DEC_STATUS_ID", "DEC_STATUS_NAME", "APPROVE_DATE", "ISSUE_DATE"}
)
SUBMIT: Final = "nhanHoSoDangKy"
SUBMIT_FIELDS: Final = frozenset({"STATUS", "DESCRIPTION", "ID"})
LIST_FIELDS: Final = STATUS_FIELDS | {"LISTCONTENT", "DECLARATION_ID", "APPOINTMENT_NO", "RECEIVE_NO"}
_VIA_ONE_STOP_SHOP: Final = "2"
_ONLINE: Final = "1"
_OF_STATES: Final = "2"
"""``infoType`` of ``danhDauHsThanhCong``: 1 and 3 acknowledge declarations."""
MOST_CHANGES: Final = 1_000
"""Entries in one answer of ``traDsTrangThaiHs``, the longest waiting first [S]; the next answer has the next ones."""


class Ngsp:
    """Answers from the register."""

    def __init__(self, world: World, register: Register) -> None:
        self._register = register
        self._people = world.population.people
        self._contract = Contract(world.contract("criminal_records/ngsp.yaml"))

    def submit(self, request: Request) -> Reply:
        """``nhanHoSoDangKy``: refuses a known number in the same way as the newer generation [S]."""
        code = self._contract.first_breach(SUBMIT, request) or self._unknown(request)
        if code is not None:
            decide_refused(request, "idReceivedDec", code)
            return _refused(code)
        message = request.fields
        number, declaration = str(message["idReceivedDec"]), message["declarationWSForm"]
        assert isinstance(declaration, dict), "the contract requires it"
        form: Form = 1 if declaration["formType"] == 1 else 2
        filing = self._register.submit(number, _holder(declaration), form, online=False, mode=request.repeat)
        if decide(request, number, filing):
            request.breach("/idReceivedDec: known already, and no supplement is asked for")
            return json_reply({"STATUS": "0", "DESCRIPTION": KNOWN_ALREADY.format(code=number), "ID": None})
        return json_reply(
            {"STATUS": "1", "DESCRIPTION": "Gửi thông tin thành công", "ID": filing.application.source_id}
        )

    def _unknown(self, request: Request) -> str | None:
        """Returns the code for an agency or a catalogue entry that does not exist."""
        if request.fields["idMinistryJustice"] != AGENCY:
            request.breach("/idMinistryJustice: unknown")
            return "106"
        declaration = request.fields["declarationWSForm"]
        assert isinstance(declaration, dict), "the contract requires it"
        for name, catalogue in (("nationalityId", "2"), ("ethnicId", "3")):
            if name in declaration and declaration[name] not in dict(CATALOGUES[catalogue]):
                request.breach(f"/declarationWSForm/{name}: not in catalogue {catalogue}")
                return "500"
        return None

    def status(self, request: Request) -> Reply:
        """``traTrangThaiHs``: one dossier's state (of three), and its dates when the certificate is issued."""
        if (code := self._contract.first_breach("traTrangThaiHs", request)) is not None:
            return _refused(code)
        if request.fields["infoType"] != _VIA_ONE_STOP_SHOP:
            return _refused("201")
        found = self._register.find(request.fields["idReceivedDec"])
        return _refused("201") if found is None else json_reply({**_well(), **self._row(found)})

    def changes(self, request: Request) -> Reply:
        """``traDsTrangThaiHs``: the dossiers whose state is not acknowledged yet, at most `MOST_CHANGES`."""
        if (code := self._contract.first_breach("traDsTrangThaiHs", request)) is not None:
            return _refused(code)
        wanted = request.fields["infoType"] == _VIA_ONE_STOP_SHOP
        changed = [
            {
                "DECLARATION_ID": found.source_id,
                **self._row(found),
                "APPOINTMENT_NO": "",
                "RECEIVE_NO": found.code,
            }
            for found in (self._register.changes(MOST_CHANGES) if wanted else ())
        ]
        return json_reply({**_well(), "LISTCONTENT": changed})

    def mark(self, request: Request) -> Reply:
        """``danhDauHsThanhCong``: acknowledges all or, with an unknown ID (201), none of the dossiers."""
        if (code := self._contract.first_breach("danhDauHsThanhCong", request)) is not None:
            return _refused(code)
        ids = [part.strip() for part in str(request.fields["declarationId"]).split(";") if part.strip()]
        found = [self._register.by_source_id(source_id) for source_id in ids]
        if not found or None in found:
            request.breach("/declarationId: names an unknown ID")
            return _refused("201")
        of_states = str(request.fields["infoType"]) == _OF_STATES
        mark = self._register.acknowledge if of_states else self._register.acknowledge_declaration
        for application in filter(None, found):
            mark(application)
        return json_reply(_well())

    def declarations(self, request: Request) -> Reply:
        """``traHoSo``: newly registered declarations not fetched yet, online (1) or at the counter (2)."""
        if (code := self._contract.first_breach("traHoSo", request)) is not None:
            return _refused(code)
        online = request.fields["infoType"] == _ONLINE
        waiting = [
            self._declaration(found, self._people[found.person])
            for found in self._register.declarations(online=online)
            if found.person is not None
        ]
        return json_reply({**_well(), "LISTCONTENT": waiting})

    def catalogue(self, request: Request) -> Reply:
        """``traDanhMuc``: an unknown catalogue gives 302 [G, of the similar civil status services]."""
        if self._contract.first_breach("traDanhMuc", request) is not None:
            return _refused("302")
        entries = CATALOGUES[str(request.fields["infoType"])]
        return json_reply({**_well(), "LISTCONTENT": [{"ID": number, "NAME": name} for number, name in entries]})

    def calls(self) -> tuple[tuple[str, Callable[[Request], Reply], frozenset[str], str], ...]:
        """Returns each call with the fields of its answers, and the reason why ``wrong_record`` does not fit."""
        its_own = "its answer does not identify the dossier"
        many = "it answers about all changes, not about one record"
        return (
            (SUBMIT, self.submit, SUBMIT_FIELDS, "its answer has only the system's own ID"),
            ("traTrangThaiHs", self.status, STATUS_FIELDS, its_own),
            ("traDsTrangThaiHs", self.changes, LIST_FIELDS, many),
            ("danhDauHsThanhCong", self.mark, frozenset({"STATUS", "DESCRIPTION"}), "its answer has no record"),
            ("traHoSo", self.declarations, frozenset(), many),
            ("traDanhMuc", self.catalogue, frozenset({"STATUS", "DESCRIPTION", "LISTCONTENT", "ID", "NAME"}), many),
        )

    def _row(self, application: Application) -> dict[str, object]:
        state = self._register.state(application)
        known = folded(state)
        day = f"{application.issued_on:%d/%m/%Y}" if state in WITH_RESULT else None
        return {
            "DEC_STATUS_ID": known if application.quirk % 2 else str(known),
            "DEC_STATUS_NAME": STATE_NAMES[known],
            "APPROVE_DATE": day,
            "ISSUE_DATE": day,
        }

    def _declaration(self, application: Application, person: Person) -> dict[str, object]:
        stays = self._people.residences(person)
        return {
            "declarationTraHoSoForm": {
                "declarationId": application.source_id,
                "declarationCode": f"{application.quirk:05d}",
                "fullName": person.full_name,
                "genderId": int(person.sex == "male"),
                "birthDateStr": birth_text(person),
                "birthPlace": f"{person.birth_place.ward_code}, {person.birth_place.district_code}, "
                f"{person.birth_place.province_code}",
                "nationalityId": 3106,
                "residence": person.address.after_reform,
                "idTypeId": 3,
                "identifyNo": person.citizen_id,
                "phone": person.phone,
                "email": person.email or "",
                "declareDate": f"{application.received_at:%d/%m/%Y}",
                "declareTypeId": 3846,
                "requestQty": 1,
                "objectRequestId": 72,
                "formType": application.form,
                "isBanPosition": 0,
                "delivery": 0,
                "decStatusId": folded(self._register.state(application)),
            },
            "residenceWSForm": [_stay(stay, application) for stay in stays],
            "mandatorWSForm": None,
        }


def _stay(stay: Residence, application: Application) -> dict[str, object]:
    return {
        "fromDateStr": f"{stay.starts:%m/%Y}",
        "toDateStr": f"{stay.ends or application.received_at:%m/%Y}",
        "residencePlace": stay.address.after_reform,
        "jobName": stay.occupation,
        "workPlace": stay.workplace or "",
    }


def _well() -> dict[str, object]:
    return {"STATUS": "1", "DESCRIPTION": "Giao dịch thành công"}


def _refused(code: str) -> Reply:
    return json_reply({"STATUS": code, "DESCRIPTION": told(code)})


def _holder(declaration: dict[str, object]) -> Holder:
    nationality = dict(CATALOGUES["2"]).get(int(str(declaration["nationalityId"])), "")
    return Holder(
        full_name=str(declaration["fullName"]),
        sex="Nam" if declaration["genderId"] == 1 else "Nữ",
        born=str(declaration["birthDateStr"]),
        birth_place=str(declaration.get("birthPlace", "")),
        nationality=nationality,
        residence=str(declaration.get("residence", "")),
        identity_number=str(declaration["identifyNo"]),
    )
