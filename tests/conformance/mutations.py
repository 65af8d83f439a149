"""Each thing that a system can get wrong, one at a time, with the rules that have to find it and no others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.conformance.wrong_service import (
    Seen,
    Sent,
    Wrong,
    body,
    growing,
    says,
    status,
    text,
    tree,
)

REGISTRY: Final = "business_registry/ngsp"
INSURANCE: Final = "social_insurance/ngsp"
CARDS: Final = "social_insurance/vss"
LAW: Final = "legal_documents/ws"
LAW_JSON: Final = "legal_documents/gateway"
RECORDS: Final = "criminal_records/lltp2024"
RECORDS_WS: Final = "criminal_records/ws"
MINISTRY_WS: Final = "ministry_portals/ws"
PORTAL: Final = "public_service_portal/ngsp"
DETAIL: Final = "apiCSDLDKDN/chiTietDoanhNghiep"
LIST: Final = "danhSachHoSo[?]"
WSDL: Final = "legal-documents/ws[?]wsdl"
PORT: Final = "legal-documents/ws$"


def authorized(seen: Seen) -> bool:
    """With a token that was given, well asked."""
    return "kiem-thu" not in seen.headers.get("Authorization", "kiem-thu") and "msdn=12" not in seen.path


def with_header(value: str) -> Callable[[Seen], bool]:
    """With this beginning of `Authorization`; empty for none."""
    return lambda seen: (
        seen.headers.get("Authorization", "").startswith(value) and bool(value or "Authorization" not in seen.headers)
    )


def about(*words: bytes) -> Callable[[Seen], bool]:
    """With one of these in the body."""
    return lambda seen: any(word in seen.body for word in words)


def found(change: Callable[[Any], None]) -> Callable[[Sent], Sent]:
    """Changes records that are there, and leaves answers that say none."""

    def careful(value: Any) -> None:
        if value.get("MainInformation"):
            change(value)

    return tree(careful)


def within(place: str, name: str, value: object) -> Callable[[Sent], Sent]:
    """Sets one field of an enterprise's record."""

    def change(record: Any) -> None:
        part = record[place][0] if isinstance(record[place], list) else record[place]
        part[name] = value

    return found(change)


def asked_with(pattern: str, new: str) -> Callable[[Seen], Seen]:
    """The same question with a part of its address replaced."""
    return lambda seen: replace(seen, path=re.sub(pattern, new, seen.path))


def wrong_key(seen: Seen) -> bool:
    """A token asked for with a wrong secret: longer than none, other than the right one."""
    return seen.headers["Authorization"] != RIGHT_KEY


PUBLISHED: Final = Path(__file__).parents[2] / "contracts" / "business_registry" / "credentials"
RIGHT_KEY: Final = aiohttp.encode_basic_auth(
    *((PUBLISHED / name).read_text(encoding="utf-8").strip() for name in ("access_key", "secret_key"))
)


def right_key(seen: Seen) -> bool:
    """A token asked for with the right secret."""
    return not wrong_key(seen)


def set_total(value: Any) -> None:
    """A total that counts the page."""
    value["DataCount"] = len(value["Data"])


def missing(record: Any) -> None:
    """An obligatory field is gone."""
    del record["MainInformation"]["FOUNDING_DATE"]


def negative(record: Any) -> None:
    """A number below its bound."""
    record["MainInformation"]["NUMBER_CHANGES"] = -1


def other_code(record: Any) -> None:
    """Another enterprise's code."""
    record["MainInformation"]["ENTERPRISE_GDT_CODE"] = "6700000001"


def failed(record: Any) -> None:
    """A record that is there, said to have failed."""
    record["Status"] = "0"


TOKEN = {"access_token": "abc-def-ghi", "token_type": "Bearer", "expires_in": 3600}
ENVELOPE_12 = "http://www.w3.org/2003/05/soap-envelope"

REST: Final = (
    Wrong("no_token", REGISTRY, "/token", ["token.given", "token.shaped"], says({}, 503), right_key),
    Wrong(
        "lifetime_as_text",
        REGISTRY,
        "/token",
        ["token.shaped"],
        tree(lambda value: value.update(expires_in="3600")),
        right_key,
    ),
    Wrong("any_secret_will_do", REGISTRY, "/token", ["token.refused"], says(TOKEN), wrong_key),
    Wrong("open_door", REGISTRY, DETAIL, ["auth.missing"], says({}), with_header("")),
    Wrong("any_token_will_do", REGISTRY, DETAIL, ["auth.unknown"], says({}), with_header("Bearer kiem-thu")),
    Wrong("cut", REGISTRY, DETAIL, ["answer.arrives"], lambda sent: replace(sent, cut=True), authorized),
    Wrong(
        "created",
        REGISTRY,
        "tinhTrangHoSo[?]",
        ["answer.status"],
        status(201),
        lambda seen: authorized(seen) and seen.path[-1] != "=",
    ),
    Wrong("plain_text", REGISTRY, DETAIL, ["answer.content_type"], lambda sent: sent.typed("text/plain"), authorized),
    Wrong(
        "byte_order_mark", REGISTRY, DETAIL, ["answer.encoding"], body(lambda old: b"\xef\xbb\xbf" + old), authorized
    ),
    Wrong("cut_json", REGISTRY, DETAIL, ["answer.encoding"], body(lambda old: old[:-1]), authorized),
    Wrong(
        "other_charset",
        REGISTRY,
        DETAIL,
        ["answer.encoding"],
        lambda sent: sent.typed("application/json; charset=windows-1258"),
        authorized,
    ),
    Wrong(
        "field_twice",
        REGISTRY,
        DETAIL,
        ["answer.encoding"],
        body(lambda old: old.replace(b'{"MainInformation":', b'{"MainInformation":0,"MainInformation":')),
        lambda seen: authorized(seen) and "Tinh" not in seen.path,
    ),
    Wrong(
        "number_as_text", REGISTRY, DETAIL, ["schema.type"], within("MainInformation", "ENTERPRISE_ID", "7"), authorized
    ),
    Wrong("field_gone", REGISTRY, DETAIL, ["schema.required"], found(missing), authorized),
    Wrong("unknown_code", REGISTRY, DETAIL, ["schema.value"], within("BusinessActivity", "IS_MAIN", "X"), authorized),
    Wrong("other_form", REGISTRY, DETAIL, ["schema.format"], within("HOAdress", "CityID", "8"), authorized),
    Wrong("out_of_bounds", REGISTRY, DETAIL, ["schema.size"], found(negative), authorized),
    Wrong("new_field", REGISTRY, DETAIL, ["schema.extra"], within("MainInformation", "NEW", "x"), authorized),
    Wrong("other_record", REGISTRY, DETAIL, ["answer.echo"], found(other_code), authorized),
    Wrong("says_failed", REGISTRY, DETAIL, ["answer.says"], found(failed), authorized),
    Wrong(
        "never_the_same",
        REGISTRY,
        DETAIL,
        ["answer.same"],
        growing("NAME"),
        authorized,
    ),
    Wrong(
        "no_such_day",
        REGISTRY,
        DETAIL,
        ["dates.real"],
        within("MainInformation", "FOUNDING_DATE", "31/02/2020"),
        authorized,
    ),
    Wrong(
        "absent_as_failure",
        REGISTRY,
        DETAIL,
        ["absent.said"],
        lambda sent: (
            says({"DataCount": 0, "Status": "0", "Message": ""})(sent) if b'"MainInformation":{}' in sent.body else sent
        ),
        authorized,
    ),
    Wrong(
        "takes_anything",
        REGISTRY,
        f"{DETAIL}.msdn=12$",
        ["malformed.refused"],
        says({"MainInformation": {}, "DataCount": 0, "Status": "1", "Message": ""}),
    ),
    Wrong("ignores_limit", REGISTRY, f"{LIST}.*limit=1", ["paging.size"], ask=asked_with("limit=1", "limit=5")),
    Wrong("ignores_offset", REGISTRY, f"{LIST}.*offset=1", ["paging.next"], ask=asked_with("offset=1", "offset=0")),
    Wrong("counts_the_page", REGISTRY, f"{LIST}.*limit=1", ["paging.total"], tree(set_total)),
    Wrong("answers_anywhere", REGISTRY, "/kiem-thu-khong-co$", ["unknown.call"], status(200)),
    Wrong(
        "contributions_of_another",
        INSURANCE,
        "getQuaTrinhDong",
        ["answer.echo"],
        text(r'("maSoBhxh": ?)"\d{10}"', r'\1"9900000001"'),
        lambda seen: authorized(seen) and about(b"99")(seen) and not about(b"9999")(seen),
    ),
    Wrong(
        "unknown_result_code",
        CARDS,
        "KQNhanLichSuKCB2024",
        ["malformed.refused"],
        says({"maKetQua": "000"}),
        about(b"1990-01-01"),
    ),
    Wrong(
        "another_dossier",
        RECORDS,
        "nhanTrangThai",
        ["answer.echo"],
        body(lambda old: re.sub(rb'("maHoSoMCDT":)"[^"]+"', rb'\1"000.00.00.H00-000000-0000"', old)),
        lambda seen: about(b"260105")(seen) and about(b"not-a-secret")(seen) and not about(b'"99"')(seen),
    ),
    Wrong(
        "absent_document_with_200",
        LAW_JSON,
        "/doc/0000[^/]*$",
        ["answer.status"],
        status(200),
        lambda seen: "X-API-KEY" in seen.headers,
    ),
    Wrong(
        "any_session_will_do",
        PORTAL,
        "/share",
        ["auth.unknown"],
        says({"error_code": 0, "result": []}),
        about(b'kiem-thu-khong-co","madonvi'),
    ),
)

SOAP: Final = (
    Wrong(
        "message_of_another_ministry",
        MINISTRY_WS,
        "health/ws$",
        ["answer.echo"],
        body(lambda old: re.sub(rb"(:MaHoSo>)[^<]+", rb"\g<1>000.00.00.H00-000000-0000", old)),
        about(b"TraCuuHoSo"),
    ),
    Wrong("no_wsdl", LAW, WSDL, ["wsdl.served"], status(404)),
    Wrong("other_action", LAW, WSDL, ["wsdl.equal"], text(":1/ChiTietVanBan", ":2/ChiTietVanBan")),
    Wrong("no_schema", LAW, "ws.xsd", ["xsd.served"], status(404)),
    Wrong("other_schema", LAW, "ws.xsd", ["xsd.equal"], text("TrichYeu", "TrichYeuVanBan")),
    Wrong("not_well_formed", LAW, PORT, ["soap.wellformed"], body(lambda old: old[:-3]), about(b"NoiDungVanBan")),
    Wrong(
        "doctype",
        LAW,
        PORT,
        ["soap.doctype"],
        text(r"(<\?xml[^>]*>)", r'\1<!DOCTYPE a [<!ENTITY b "c">]>'),
        about(b"NoiDungVanBan"),
    ),
    Wrong("two_elements", LAW, PORT, ["soap.envelope"], text("(</[a-z]+:Body>)", r"<x/>\1"), about(b"ChiTietVanBan")),
    Wrong(
        "other_version",
        LAW,
        PORT,
        ["soap.envelope"],
        text("http://schemas.xmlsoap.org/soap/envelope/", ENVELOPE_12),
        about(b"ChiTietVanBan"),
    ),
    Wrong(
        "soap_12_content_type",
        LAW,
        PORT,
        ["answer.content_type"],
        lambda sent: sent.typed("application/soap+xml"),
        about(b"TimKiemVanBan"),
    ),
    Wrong(
        "other_element",
        LAW,
        PORT,
        ["soap.element"],
        text("TimKiemVanBanResponse", "TimKiemResponse"),
        lambda seen: about(b"TimKiemVanBan")(seen) and about(b":SoKyHieu")(seen) and not about(b">1000<")(seen),
    ),
    Wrong(
        "off_schema",
        LAW,
        PORT,
        ["soap.schema"],
        body(lambda old: old.replace(b"<vb:TongSo>", b"<vb:TongSo> -")),
        about(b":SoKyHieu"),
    ),
    Wrong(
        "fault_with_200",
        LAW,
        PORT,
        ["soap.fault_status"],
        lambda sent: status(200)(sent) if b"KHONG_TIM_THAY" in sent.body else sent,
        about(b"ChiTietVanBan"),
    ),
    Wrong(
        "other_fault_code",
        LAW,
        PORT,
        ["absent.said"],
        body(lambda old: old.replace(b"<faultcode>KHONG_TIM_THAY", b"<faultcode>KHONG_CO")),
        about(b"ChiTietVanBan"),
    ),
    Wrong(
        "no_detail",
        LAW,
        PORT,
        ["soap.fault_detail"],
        body(lambda old: re.sub(rb"<detail>.*</detail>", b"", old, flags=re.DOTALL)),
        about(b"ChiTietVanBan"),
    ),
    Wrong(
        "detail_off_schema",
        LAW,
        PORT,
        ["soap.fault_detail"],
        body(lambda old: old.replace(b"MaLoi>", b"Ma>")),
        about(b"ChiTietVanBan"),
    ),
    Wrong(
        "blames_itself", LAW, PORT, ["soap.unknown"], text("soap:Client", "soap:Server"), about(b"KhongCoThaoTacNay")
    ),
    Wrong(
        "document_of_another",
        LAW,
        PORT,
        ["answer.echo"],
        body(lambda old: re.sub(rb"(<vb:VanBan><vb:Id>)[^<]+", rb"\g<1>1", old)),
        about(b"ChiTietVanBan"),
    ),
    Wrong(
        "no_such_day_in_xml",
        LAW,
        PORT,
        ["dates.real"],
        body(lambda old: re.sub(rb"(<vb:NgayBanHanh>)[^<]+", rb"\g<1>31/02/2020", old)),
        about(b"ChiTietVanBan"),
    ),
    Wrong(
        "no_security_needed",
        RECORDS_WS,
        "criminal-records/ws$",
        ["auth.missing"],
        text("InvalidSecurity", "Busy"),
        lambda seen: about(b"traDanhMuc")(seen) and not about(b"UsernameToken")(seen),
    ),
)
MUTATIONS: Final = (*REST, *SOAP)


def calls_of(wrong: Wrong) -> frozenset[str]:
    """The calls at the address that is wrong, where few are."""
    at_address = {
        DETAIL: "chiTietDoanhNghiep",
        LIST: "danhSachHoSo",
        "ws[?]": "ChiTietVanBan",
        "ws.xsd": "ChiTietVanBan",
    }
    return frozenset(name for address, name in at_address.items() if address in wrong.path)
