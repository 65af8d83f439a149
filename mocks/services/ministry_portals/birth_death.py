"""Dialect `birth_death`: a dossier is JSON in a string that holds XML in a string; answers are free sentences [C]."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from xml.sax.saxutils import escape

import orjson

from mocks.engine.clock import HANOI
from mocks.engine.decisions import fingerprint
from mocks.engine.schema import Contract
from mocks.engine.service import Ask, Call, Reply, Request, World, json_ask, json_reply
from mocks.one_stop_shop.pushes import paper
from mocks.population.people import Person
from mocks.services.ministry_portals.ministry import Entry

LIFETIME_S: Final = 1800.0
MAX_TOKENS: Final = 10_000
BEFORE: Final[Mapping[str, frozenset[str]]] = {"4": frozenset("137"), "5": frozenset("137")}
"""States that must have arrived before a state [C]."""
ENDED: Final = "5"
UPDATED: Final = "Cập nhật trạng thái hồ sơ thành công"
TAKEN: Final = "Xác nhận đã nhận hồ sơ thành công"
HAD: Final = "Hồ sơ đã có trạng thái này"
FINISHED: Final = "Hồ sơ đã kết thúc xử lý"
WRONG_LOGIC: Final = "Logic trạng thái không hợp lệ"
UNKNOWN: Final = "Hồ sơ không tồn tại"
WRONG_AGENCY: Final = "Mã đơn vị không hợp lệ"
OFF_CONTRACT: Final = "Dữ liệu không hợp lệ"
_FILED: Final = datetime(2026, 1, 5, 8, 0, tzinfo=HANOI)
_AGENCY: Final = re.compile(r"000\.\d{2}\.\d{2}\.H58")
_SEEDED: Final = 12
_SHOWN: Final = frozenset({"maHoSo", "maDonVi", "trangThai", "daNhan"})
_CODED: Final = "its answer is a sentence that does not name the record"


@dataclass(slots=True)
class Filed:
    """A dossier that was filed with the joint service, and the states that the province has reported."""

    id: int
    code: str
    module: str
    at: datetime
    people: tuple[Person, Person, Person]
    taken: bool = False
    states: dict[str, str] = field(default_factory=dict)
    """The fingerprint of its message, by state."""

    @property
    def procedure(self) -> str:
        """Mã thủ tục hành chính [S]."""
        return "2.000986.000.00.00.H58" if self.module == "KS" else "2.002621.000.00.00.H58"

    def row(self) -> dict[str, object]:
        """Returns the row of the list [C]."""
        return {
            "id": self.id,
            "maHoSo": self.code,
            "maTTHC": self.procedure,
            "maDonVi": "000.00.01.H58",
            "module": self.module,
        }


class BirthDeath:
    """The joint service for births and deaths; a reset makes a new one."""

    def __init__(self, world: World, entry: Entry) -> None:
        self._entry = entry
        self._contract = Contract(world.contract("ministry_portals/birth_death.yaml"))
        account = entry.slug.replace("-", "_")
        self._account = {
            name: world.credential("ministry_portals", f"{account}_{name}") for name in ("username", "password")
        }
        self._monotonic = world.monotonic
        self._tokens: OrderedDict[str, float] = OrderedDict()
        self._filed = {filed.code: filed for filed in _seeded(world, entry)}

    def calls(self) -> tuple[Call, ...]:
        """Returns the calls, named `<ministry>.<call>`."""
        slug = self._entry.slug
        another = self._another
        return (
            Call(name=f"{slug}.login", path=f"{slug}/login", method="POST", kind="token", answer=self._login),
            self._call("danhSach", "danh-sach", self._listed, why_no_another="it answers with many dossiers"),
            self._call("chiTiet", "chi-tiet/{maHoSo}", self._detail, another=another),
            self._call("xacNhan", "xac-nhan", self._take, method="PUT", why_no_another=_CODED),
            self._call("trangThai", "trang-thai", self._report, method="POST", repeat="same", why_no_another=_CODED),
        )

    def ask(
        self, path: str, message: Mapping[str, object] | None = None, query: Mapping[str, str] | None = None
    ) -> Ask:
        """Returns a request with a new token, as a province would send it."""
        headers = {"Authorization": f"Bearer {self._open()}"}
        target = f"{self._entry.slug}/{path}"
        if message is not None:
            return json_ask(target, message, headers=headers)
        return Ask(path=target, headers=headers, query=query or {})

    def receipt(self, code: str) -> Ask:
        """Returns the acknowledgement of a dossier, as a province would send it."""
        asked = self.ask("xac-nhan", {"maHoSo": code, "daNhan": True})
        return replace(asked, method="PUT")

    @property
    def codes(self) -> list[str]:
        """Returns the codes of all dossiers, in order."""
        return list(self._filed)

    def counts(self, code: str) -> dict[str, int] | None:
        """Returns how many dossiers there are under this code, and how many states were reported."""
        filed = self._filed.get(code)
        return None if filed is None else {"filed": 1, "accepted": len(filed.states), "repeated": 0}

    def _call(self, name: str, path: str, answer: object, **more: object) -> Call:
        fields = frozenset({"message", "data", "id", "maHoSo", "maTTHC", "maDonVi", "module"})
        whole = {"name": f"{self._entry.slug}.{name}", "path": f"{self._entry.slug}/{path}", "answer": answer}
        return Call(
            **whole,  # type: ignore[arg-type]
            authenticate=self._refusal,
            spent=lambda _: _expired(),
            shown=_SHOWN,
            fields=fields,
            **more,  # type: ignore[arg-type]
        )

    def _open(self) -> str:
        token = secrets.token_urlsafe(24)
        self._tokens[token] = self._monotonic() + LIFETIME_S
        while len(self._tokens) > MAX_TOKENS:
            self._tokens.popitem(last=False)
        return token

    def _login(self, request: Request) -> Reply:
        given = {name: str(request.fields.get(name, "")) for name in self._account}
        right = [hmac.compare_digest(given[name].encode(), known.encode()) for name, known in self._account.items()]
        if not all(right):
            request.breach("/username, /password: not an account of this service")
            return json_reply({"token": None, "message": "Tài khoản hoặc mật khẩu không đúng"})
        return json_reply({"token": self._open()})

    def _refusal(self, request: Request) -> Reply | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        ends = self._tokens.get(token.strip()) if scheme.lower() == "bearer" else None
        if ends is None or ends <= self._monotonic() + request.skew_s:
            request.breach("header Authorization: not a token of this service, or spent")
            return _expired()
        return None

    def _listed(self, request: Request) -> Reply:
        if not _AGENCY.fullmatch(request.query.get("maDonVi", "")):
            request.breach("query maDonVi: not an agency of this account")
            return json_reply({"message": WRONG_AGENCY, "data": []})
        return json_reply({"data": [filed.row() for filed in self._filed.values() if not filed.taken]})

    def _detail(self, request: Request) -> Reply:
        filed = self._filed.get(request.params.get("maHoSo", ""))
        return json_reply({"data": None, "message": UNKNOWN} if filed is None else {"data": _whole(filed)})

    def _another(self, request: Request) -> Reply:
        asked = request.params.get("maHoSo", "")
        return json_reply({"data": _whole(next(filed for code, filed in self._filed.items() if code != asked))})

    def _take(self, request: Request) -> Reply:
        code = request.fields.get("maHoSo")
        filed = self._filed.get(code) if isinstance(code, str) else None
        if filed is None or request.fields.get("daNhan") is not True:
            request.breach("/maHoSo, /daNhan: not a dossier of this service, or not true")
            request.decide("refused", dossier=str(code), message="receipt")
            return _said(UNKNOWN if filed is None else OFF_CONTRACT)
        request.decide("repeated" if filed.taken else "accepted", dossier=filed.code, message="receipt")
        filed.taken = True
        return _said(TAKEN)

    def _report(self, request: Request) -> Reply:
        schema = self._contract.named("TrangThai")
        if not self._contract.fits(schema, request.fields):
            for breach in self._contract.breaches(schema, request.fields):
                request.breach(str(breach))
            return _said(OFF_CONTRACT)
        code, state = str(request.fields["maHoSo"]), str(request.fields["trangThai"])
        content = fingerprint(request.fields)
        filed = self._filed.get(code)
        refusal = _refused_for(filed, state, str(request.fields["maDonVi"]))
        if filed is None or refusal is not None:
            request.breach(f"/trangThai: {refusal}")
            request.decide("refused", dossier=code, message=f"state {state}", content=content)
            return _said(refusal or UNKNOWN)
        told = {"dossier": code, "message": f"state {state}", "content": content}
        if state in filed.states:
            return _repeated(request, filed, state, told)
        if ENDED in filed.states:
            request.decide("repeated", **told)
            return _said(FINISHED)
        request.decide("accepted", **told)
        filed.states[state] = content
        return _said(UPDATED)


def _refused_for(filed: Filed | None, state: str, agency: str) -> str | None:
    """Returns the sentence of a refusal, or None."""
    if not _AGENCY.fullmatch(agency):
        return WRONG_AGENCY
    if filed is None:
        return UNKNOWN
    return None if BEFORE.get(state, frozenset()) <= filed.states.keys() else WRONG_LOGIC


def _repeated(request: Request, filed: Filed, state: str, told: Mapping[str, str]) -> Reply:
    """Answers a state that was reported before, as the switch says."""
    if request.repeat == "refused":
        request.breach("/trangThai: this state was reported")
        request.decide("repeated", **told)
        return _said(WRONG_LOGIC)
    if request.repeat == "same":
        request.decide("repeated", **told)
        return _said(HAD)
    filed.states[state] = told["content"]
    request.decide("overwritten" if request.repeat == "overwrites" else "added", **told)
    return _said(UPDATED)


def _seeded(world: World, entry: Entry) -> Iterable[Filed]:
    people = world.population.people
    for index in range(_SEEDED):
        first, second, third = (people[(index * 13 + more) % len(people)] for more in (5, 6, 7))
        at = _FILED + timedelta(minutes=25 * index)
        code = f"{entry.agency}-260105-{index + 1:04d}"
        yield Filed(7_000 + index, code, "KT" if index % 3 == 2 else "KS", at, (first, second, third))


def _whole(filed: Filed) -> str:
    """Returns the dossier as the service sends it: JSON in a string, in it XML in a string [C]."""
    name = "to-khai-khai-sinh.pdf" if filed.module == "KS" else "to-khai-khai-tu.pdf"
    content = {
        **filed.row(),
        "ngayNop": f"{filed.at:%Y-%m-%dT%H:%M:%S}",
        "hoTich": _civil_status(filed),
        "tepDinhKem": [{"tenTep": name, "noiDung": base64.b64encode(paper(f"{filed.code} {name}")).decode()}],
    }
    return orjson.dumps(content).decode()


def _civil_status(filed: Filed) -> str:
    """Returns `<hoTich>`; that it is there is [C], its elements are ours [S]."""
    asks, about, mother = filed.people
    day = f"{about.birth_date:%d/%m/%Y}"
    if filed.module == "KS":
        inside = {"hoTen": about.full_name, "gioiTinh": "1" if about.sex == "male" else "2", "ngaySinh": "04/01/2026"}
        block = f"<nguoiDuocKhaiSinh>{_elements(inside)}</nguoiDuocKhaiSinh><me>{_elements(_person(mother))}</me>"
    else:
        inside = {"hoTen": about.full_name, "soDinhDanh": about.citizen_id, "ngaySinh": day, "ngayMat": "03/01/2026"}
        block = f"<nguoiMat>{_elements(inside)}</nguoiMat>"
    asked = f"<nguoiYeuCau>{_elements(_person(asks))}</nguoiYeuCau>"
    return f'<?xml version="1.0" encoding="utf-8"?><hoTich>{asked}{block}</hoTich>'


def _person(person: Person) -> dict[str, str]:
    return {"hoTen": person.full_name, "soDinhDanh": person.citizen_id, "soDienThoai": person.phone}


def _elements(values: Mapping[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())


def _said(sentence: str) -> Reply:
    return json_reply({"message": sentence})


def _expired() -> Reply:
    return json_reply({"message": "Token không hợp lệ hoặc đã hết hạn"}, status=401)
