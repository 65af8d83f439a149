"""Every wrong request gets its documented problem over a real socket, and no national system hears of it."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from gateway.api.mistakes import UNREADABLE
from tests.support.national import National
from tests.support.portal import KEY, PURPOSE, Answered, Portal, wire

CODE: Final = "0300588569"
ENTERPRISES: Final = "/v1/business-registry/enterprises/"
REGISTRATIONS: Final = "/v1/business-registry/registrations"
DOCUMENTS: Final = "/v1/legal-documents/documents"
PARTICIPANTS: Final = "/v1/social-insurance/participants/lookup"
CARDS: Final = "/v1/social-insurance/health-cards/verify"
APPLICATIONS: Final = "/v1/criminal-records/applications"
BATCH: Final = "/v1/batch"
PART: Final = {"requests": [{"operation": "a.b"}]}
ANSWER: Final = {"insurance_number": "9900000001"}
CARD: Final = {
    "card_number": "DN4499901841634",
    "full_name": "Sử Thị Quỳnh",
    "birth_date": {"value": "1985", "precision": "year"},
}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Bad:
    """A wrong request, and what it gets."""

    name: str
    verdict: tuple[int, str] = (400, "invalid-request")
    method: str = "GET"
    path: str = ENTERPRISES + CODE
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str | None = KEY
    purpose: bool = True
    pointers: tuple[str, ...] = ()
    """Where ``errors[]`` points, if it does."""


def post(name: str, body: Any, *pointers: str, path: str = PARTICIPANTS, **more: Any) -> Bad:
    """A wrong body."""
    return Bad(name, method="POST", path=path, body=body, pointers=pointers, **more)


def get(name: str, path: str, *pointers: str, **more: Any) -> Bad:
    """A wrong path or query string."""
    return Bad(name, path=path, pointers=pointers, **more)


PATHS: Final = [
    get("wrong check digit", f"{ENTERPRISES}0300588568", "/enterprise_code"),
    get("nine digits", f"{ENTERPRISES}030058856", "/enterprise_code"),
    get("eleven digits", f"{ENTERPRISES}03005885690", "/enterprise_code"),
    get("hyphen at a wrong place", f"{ENTERPRISES}03005885-69001", "/enterprise_code"),
    get("letters", f"{ENTERPRISES}ABCDEFGHIJ", "/enterprise_code"),
    get("digits of another script", ENTERPRISES + "%D9%A0" * 10, "/enterprise_code"),
    get("five hundred digits", ENTERPRISES + "1" * 500, "/enterprise_code"),
    get("encoded slash", f"{ENTERPRISES}0300588569%2Fx", "/enterprise_code"),
    get("encoded NUL", f"{ENTERPRISES}0300588569%00", "/enterprise_code"),
    get("path that is not UTF-8", f"{ENTERPRISES}%FF%FE"),
    get("path value given again", f"{ENTERPRISES}{CODE}?enterprise_code={CODE}", "/enterprise_code"),
    get("unknown query field", f"{ENTERPRISES}{CODE}?nope=1", "/nope"),
    get("document id that is no id", f"{DOCUMENTS}/%C4%91", "/document_id"),
    get("query field given twice", f"{REGISTRATIONS}?from=2026-11-01&from=2026-11-02&to=2026-11-03", "/from"),
    get("missing query fields", REGISTRATIONS, "/from", "/to"),
    get("no such day", f"{REGISTRATIONS}?from=2026-02-30&to=2026-11-03", "/from"),
    get("an instant for a day", f"{REGISTRATIONS}?from=2026-11-01T00:00:00&to=2026-11-03", "/from"),
    get("seconds for a day", f"{REGISTRATIONS}?from=1700000000&to=2026-11-03", "/from"),
    get("period the wrong way round", f"{REGISTRATIONS}?from=2026-11-05&to=2026-11-01", ""),
    get("page token of nobody", f"{REGISTRATIONS}?from=2026-11-01&to=2026-11-03&page_token=zzz", "/page_token"),
    get("long page token", f"{REGISTRATIONS}?from=2026-11-01&to=2026-11-03&page_token={'z' * 4000}", "/page_token"),
    get("page token of nobody for documents", f"{DOCUMENTS}?q=lu%E1%BA%ADt&page_token=zzz", "/page_token"),
    get("control character in a query", f"{DOCUMENTS}?q=a%01b", "/q"),
    get("query that is not UTF-8", f"{DOCUMENTS}?q=%FF"),
    get("unpaired surrogate in a query", f"{DOCUMENTS}?q=%ED%A0%80"),
    get("a hundred query fields", f"{DOCUMENTS}?" + "&".join(f"a{n}=1" for n in range(100))),
    get("unknown kind of document", f"{DOCUMENTS}?type=poem", "/type"),
]  # fmt: skip
BODIES: Final = [
    post("invalid JSON", b"{", ""),
    post("empty body", b"", ""),
    post("array", b"[]", ""),
    post("number", b"1", ""),
    post("NaN", b'{"insurance_number": NaN}', ""),
    post("not UTF-8", b'{"insurance_number": "\xff"}', ""),
    post("UTF-16", '{"insurance_number": "9900000001"}'.encode("utf-16"), ""),
    post("deep JSON", b'{"full_name": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", ""),
    post("five hundred levels", b'{"insurance_number": ' + b"[" * 500 + b"]" * 500 + b"}", ""),
    post("half characters for a name, twice", b'{"\\ud800": 1, "\\ud800": 2}', "/?"),
    post("half a character for a name", b'{"\\udfff": 1}', ""),
    post("sixteen thousand names", b"{" + b",".join(b'"a%d":1' % n for n in range(16_000)) + b"}", ""),
    post("byte order mark", b'\xef\xbb\xbf{"insurance_number": "9900000001"}', ""),
    post("another compression", b"x", path=PARTICIPANTS, headers={"Content-Encoding": "br"}),
    post("name given twice", b'{"full_name": "a", "full_name": "b"}', "/full_name"),
    post("unknown field", {**ANSWER, "nope": 1}, "/nope"),
    post("unknown field with a slash", {**ANSWER, "a/b~c": 1}, "/a~1b~0c"),
    post("number for text", {"insurance_number": 9_900_000_001}, "/insurance_number"),
    post("huge number", b'{"insurance_number": ' + b"9" * 400 + b"}", ""),
    post("list for text", {"insurance_number": ["9900000001"]}, "/insurance_number"),
    post("too short a number", {"insurance_number": "990000000"}, "/insurance_number"),
    post("too long a number", {"insurance_number": "9900000001" * 50}, "/insurance_number"),
    post("control character", {**CARD, "full_name": "Nguyễn\u0000Văn A"}, "/full_name", path=CARDS),
    post("escape sequence of a terminal", {**CARD, "full_name": "\u001b[2J"}, "/full_name", path=CARDS),
    post("unpaired surrogate", json.dumps({**CARD, "full_name": "\ud800"}).encode(), "/full_name", path=CARDS),
    post("blank name", {**CARD, "full_name": "   "}, "/full_name", path=CARDS),
    post("very long name", {**CARD, "full_name": "a" * 5_000}, "/full_name", path=CARDS),
    post("month for a birth date", {**CARD, "birth_date": {"value": "1985-09", "precision": "month"}}, "/birth_date",
         path=CARDS),
    post("precision that does not fit", {**CARD, "birth_date": {"value": "1985", "precision": "day"}}, "/birth_date",
         path=CARDS),
    post("no such birth date", {**CARD, "birth_date": {"value": "1985-02-30", "precision": "day"}}, "/birth_date",
         path=CARDS),
    post("nothing", {}, "/insurance_number"),
    post("both forms at once", {**ANSWER, "full_name": "Nguyễn Văn A"}, "/full_name"),
    post("query string beside a body", ANSWER, "/x", path=f"{PARTICIPANTS}?x=1"),
    post("broken compression", b"plain", path=PARTICIPANTS, headers={"Content-Encoding": "gzip"}),
    post("an empty batch", {"requests": []}, "/requests", path=BATCH),
    post("fifty-one parts", {"requests": [{"operation": "a.b"}] * 51}, "/requests", path=BATCH),
    post("a part without operation", {"requests": [{}]}, "/requests/0/operation", path=BATCH),
    post("a part with an unknown field", {"requests": [{"operation": "a.b", "x": 1}]}, "/requests/0/x", path=BATCH),
]  # fmt: skip
TOO_LARGE: Final = (413, "payload-too-large")
NO_MEDIA: Final = (415, "unsupported-media-type")
SIZES: Final = [
    post("2 MB", {"full_name": "a" * 2_000_000}, verdict=TOO_LARGE),
    post("2 MB unpacked from little", gzip.compress(b'{"full_name": "' + b"a" * 2_000_000 + b'"}'),
         verdict=TOO_LARGE, headers={"Content-Encoding": "gzip"}),
    post("9 MB of an application", {"attachments": "a" * 9_000_000}, verdict=TOO_LARGE, path=APPLICATIONS,
         headers={"Idempotency-Key": "k"}),
    post("2 MB of a batch", {"requests": [{"operation": "a" * 2_000_000}]}, verdict=TOO_LARGE, path=BATCH),
    post("XML", b"<a/>", verdict=NO_MEDIA, headers={"Content-Type": "text/xml"}),
    post("form", b"a=1", verdict=NO_MEDIA, headers={"Content-Type": "application/x-www-form-urlencoded"}),
    post("no media type", b"{}", verdict=NO_MEDIA, headers={"Content-Type": ""}),
    post("text of a batch", b"{}", verdict=NO_MEDIA, path=BATCH, headers={"Content-Type": "text/plain"}),
]  # fmt: skip
ROUTES: Final = [
    get("unknown route", "/v1/nowhere", verdict=(404, "unknown-route")),
    get("root", "/", verdict=(404, "unknown-route")),
    get("empty path value", ENTERPRISES, verdict=(404, "unknown-route")),
    get("slash behind", f"{ENTERPRISES}{CODE}/", verdict=(404, "unknown-route")),
    get("other case", "/V1/business-registry/enterprises/" + CODE, verdict=(404, "unknown-route")),
    get("metrics on the public port", "/metrics", verdict=(404, "unknown-route")),
    get("dots", "/v1/business-registry/../connectors", verdict=(404, "unknown-route")),
    Bad("DELETE", (405, "method-not-allowed"), method="DELETE"),
    Bad("POST where GET is", (405, "method-not-allowed"), method="POST", body={}),
    Bad("GET where POST is", (405, "method-not-allowed"), path=PARTICIPANTS),
    Bad("HEAD where POST is", (405, "method-not-allowed"), method="PUT", path=PARTICIPANTS, body={}),
    Bad("OPTIONS", (405, "method-not-allowed"), method="OPTIONS"),
    Bad("TRACE", (405, "method-not-allowed"), method="TRACE"),
]
WHO: Final = [
    Bad("no key", (401, "unauthenticated"), key=None),
    Bad("unknown key", (401, "unauthenticated"), key="lgsp_x_y"),
    Bad("empty key", (401, "unauthenticated"), key=""),
    Bad("key beyond ASCII", (401, "unauthenticated"), key="khóa"),
    Bad("very long key", (401, "unauthenticated"), key="k" * 6000),
    Bad("another scheme", (401, "unauthenticated"), key=None, headers={"Authorization": f"Basic {KEY}"}),
    Bad("key with a hard blank behind it", (401, "unauthenticated"), key=f"{KEY}\xa0"),
    Bad("key with a wide blank behind it", (401, "unauthenticated"), key=f"{KEY}\u3000"),
    Bad("key alone", (401, "unauthenticated"), key=None, headers={"Authorization": KEY}),
    Bad("batch without key", (401, "unauthenticated"), method="POST", path=BATCH, body={}, key=None),
    Bad("catalogue without key", (401, "unauthenticated"), path="/v1/connectors", key=None),
    Bad("catalogue entry without key", (401, "unauthenticated"), path="/v1/connectors/business_registry", key=None),
]
HEADERS: Final = [
    *(Bad(f"timeout {value!r}", headers={"X-Request-Timeout": value})
      for value in ("0", "0.05", "-1", "121", "1e9", "nan", "inf", "soon", "", "1,5")),
    Bad("dossier with a blank", headers={"X-Dossier-Id": "a b"}),
    Bad("dossier of 129 characters", headers={"X-Dossier-Id": "a" * 129}),
    Bad("officer with markup", headers={"X-User-Id": "<b>"}),
    post("no idempotency key", {}, path=APPLICATIONS),
    post("idempotency key of 256 characters", {}, path=APPLICATIONS, headers={"Idempotency-Key": "k" * 256}),
    post("batch with a wrong timeout", PART, path=BATCH, headers={"X-Request-Timeout": "0"}),
    post("batch with a wrong officer", PART, path=BATCH, headers={"X-User-Id": "a b"}),
]  # fmt: skip
PURPOSES: Final = [
    post("no purpose", ANSWER, verdict=(400, "purpose-required"), purpose=False),
    post("dossier alone", ANSWER, verdict=(400, "purpose-required"), purpose=False, headers={"X-Dossier-Id": "d"}),
    post("officer alone", ANSWER, verdict=(400, "purpose-required"), purpose=False, headers={"X-User-Id": "u"}),
    post("empty officer", ANSWER, verdict=(400, "purpose-required"), purpose=False,
         headers={"X-Dossier-Id": "d", "X-User-Id": ""}),
    Bad("application without purpose", (400, "purpose-required"), path=f"{APPLICATIONS}/000.00.04.H58-260105-0001",
        purpose=False),
]  # fmt: skip
ALL: Final = [*PATHS, *BODIES, *SIZES, *ROUTES, *WHO, *HEADERS, *PURPOSES]


@pytest.mark.parametrize("bad", ALL, ids=lambda bad: bad.name)
async def test_wrong_request_is_its_problem_and_costs_no_call(
    bad: Bad, shared_portal: Portal, shared_national: National
) -> None:
    """A wrong request gets status, code and pointers as documented, and nothing reaches a national system."""
    before = await shared_national.total()
    answered = await shared_portal.ask(
        bad.method, bad.path, body=bad.body, headers=bad.headers, key=bad.key, purpose=bad.purpose
    )

    assert answered.verdict == bad.verdict
    assert answered.pointers == list(bad.pointers) or not bad.pointers
    assert_callers_fault(answered)
    assert_repeats_nothing(answered)
    assert await shared_national.total() == before


@pytest.mark.parametrize(
    "bad", [bad for bad in ALL if bad.verdict == (400, "invalid-request") and bad.pointers], ids=lambda bad: bad.name
)
async def test_each_field_error_is_told_in_vietnamese(bad: Bad, shared_portal: Portal) -> None:
    """The code is the same in both languages, and the text is not the English one."""
    english, vietnamese = [
        await shared_portal.ask(
            bad.method,
            bad.path,
            body=bad.body,
            headers={**bad.headers, "Accept-Language": language},
            key=bad.key,
            purpose=bad.purpose,
        )
        for language in ("en", "vi")
    ]

    assert vietnamese.headers["Content-Language"] == "vi"
    for en, vi in zip(english.json["errors"], vietnamese.json["errors"], strict=True):
        assert (en["pointer"], en["code"]) == (vi["pointer"], vi["code"])
        assert en["message"] != vi["message"]
        assert en["message"].isascii()
        assert not vi["message"].isascii()


def assert_callers_fault(answered: Answered) -> None:
    """What every refused request says, and that it can be found again by its id."""
    problem = answered.json

    assert (problem["fault"], problem["outcome"], problem["retryable"]) == ("caller", "not_done", False)
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["detail"]
    assert problem["title"]
    assert problem["request_id"] == answered.headers["X-Request-Id"]
    assert all(item["message"] and item["code"] != UNREADABLE.code for item in problem.get("errors", ()))


def assert_repeats_nothing(answered: Answered) -> None:
    """A problem points at fields and never repeats what stood in them: it may be a person's number."""
    for value in ("9900000001", "990000000", "DN4499901841634", "Nguyễn", "Quỳnh", "1985", "03005"):
        assert value not in answered.body.decode()


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", ENTERPRISES + CODE, "GET, HEAD"),
        ("GET", PARTICIPANTS, "POST"),
        ("PUT", APPLICATIONS, "POST"),
        ("POST", "/openapi.json", "GET, HEAD"),
    ],
)
async def test_wrong_method_is_told_the_right_ones(method: str, path: str, allow: str, shared_portal: Portal) -> None:
    """A 405 carries Allow (RFC 9110 section 15.5.6)."""
    answered = await shared_portal.ask(method, path, body={} if method != "GET" else None)

    assert answered.headers["Allow"] == allow


async def test_head_is_get_without_a_body(shared_portal: Portal, shared_national: National) -> None:
    """HEAD answers as GET does, with its length and no byte of it."""
    sample = (await shared_national.samples("business_registry.enterprise"))[0]
    path = ENTERPRISES + sample["path"]["enterprise_code"]
    whole = await shared_portal.ask("GET", path)
    head = await shared_portal.ask("HEAD", path)

    assert (head.status, head.body) == (200, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert int(head.headers["Content-Length"]) == pytest.approx(len(whole.body), abs=8)


async def test_head_of_a_wrong_request_has_no_body_either(shared_portal: Portal) -> None:
    """A refused HEAD carries status and headers alone."""
    answered = await shared_portal.ask("HEAD", "/v1/nowhere")

    assert (answered.status, answered.media_type, answered.body) == (404, "application/problem+json", b"")


async def test_missing_key_is_told_the_scheme(shared_portal: Portal) -> None:
    """A 401 names the scheme (RFC 9110 section 11.6.1)."""
    answered = await shared_portal.ask("GET", ENTERPRISES + CODE, key=None)

    assert answered.headers["WWW-Authenticate"] == 'Bearer realm="lgsp"'


async def test_bearer_scheme_is_read_in_any_case(shared_portal: Portal, shared_national: National) -> None:
    """The scheme's name has no case (RFC 9110 section 11.1)."""
    sample = (await shared_national.samples("business_registry.enterprise"))[0]
    path = ENTERPRISES + sample["path"]["enterprise_code"]
    answered = await shared_portal.ask("GET", path, key=None, headers={"Authorization": f"bEARER {KEY}"})

    assert answered.status == 200


async def test_decomposed_text_is_composed(shared_portal: Portal, shared_national: National) -> None:
    """Names in NFD, as some keyboards send them, ask the same as in NFC."""
    card = next(s["body"] for s in await shared_national.samples("social_insurance.health_card"))
    decomposed = {**card, "full_name": unicodedata.normalize("NFD", card["full_name"])}
    composed = await shared_portal.ask("POST", CARDS, body=card)
    answered = await shared_portal.ask("POST", CARDS, body=decomposed)

    assert decomposed["full_name"] != card["full_name"]
    assert (answered.status, answered.json["data"]) == (200, composed.json["data"])
    assert "hit" in answered.headers["Cache-Status"]


async def test_compressed_body_is_read(shared_portal: Portal, shared_national: National) -> None:
    """A request body in gzip is a body as any other."""
    body = (await shared_national.samples("social_insurance.participant"))[0]["body"]
    packed = gzip.compress(json.dumps(body).encode())
    answered = await shared_portal.ask("POST", PARTICIPANTS, body=packed, headers={"Content-Encoding": "gzip"})

    assert answered.status == 200


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.x+json"]
)
async def test_json_under_its_other_names_is_read(
    media_type: str, shared_portal: Portal, shared_national: National
) -> None:
    """Parameters, case and ``+json`` do not matter."""
    body = (await shared_national.samples("social_insurance.participant"))[0]["body"]
    answered = await shared_portal.ask("POST", PARTICIPANTS, body=body, headers={"Content-Type": media_type})

    assert answered.status == 200


async def test_own_request_id_is_kept_where_it_is_plain(shared_portal: Portal) -> None:
    """A short plain X-Request-Id comes back; any other is replaced, never echoed."""
    kept = await shared_portal.ask("GET", "/v1/nowhere", headers={"X-Request-Id": "a.B-3_c"})
    replaced = await shared_portal.ask("GET", "/v1/nowhere", headers={"X-Request-Id": "<script>"})
    long = await shared_portal.ask("GET", "/v1/nowhere", headers={"X-Request-Id": "a" * 65})

    assert kept.json["request_id"] == "a.B-3_c"
    assert "script" not in replaced.headers["X-Request-Id"]
    assert len(long.headers["X-Request-Id"]) < 65


async def test_absolute_form_is_taken(shared_portal: Portal) -> None:
    """A target with scheme and host means its path (RFC 9112 section 3.2.2)."""
    answered = await shared_portal.raw(wire("GET", "http://gateway.test/v1/connectors"))

    assert answered.status == 200


async def test_refused_body_is_refused_before_it_is_sent(shared_portal: Portal) -> None:
    """A body announced too large or of a wrong kind gets its refusal at once, with none of it sent."""
    large = wire(
        "POST", PARTICIPANTS, headers={**PURPOSE, "Content-Type": "application/json", "Content-Length": "99999999999"}
    )
    xml = wire("POST", PARTICIPANTS, headers={**PURPOSE, "Content-Type": "text/xml", "Content-Length": "10"})

    assert (await shared_portal.raw(large)).verdict == TOO_LARGE
    assert (await shared_portal.raw(xml)).verdict == NO_MEDIA
