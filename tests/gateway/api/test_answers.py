"""Answers over HTTP: the envelope, its headers, conditional requests, what each caller sees, orders and files."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import pytest

from tests.support.laptop import NARROW_KEY
from tests.support.national import National
from tests.support.portal import PURPOSE, Answered, Portal

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENTERPRISE: Final = "business_registry.enterprise"
NO_CACHE: Final = {"Cache-Control": "no-cache"}


async def enterprise(portal: Portal, national: National, number: int, **more: Any) -> Answered:
    """The enterprise of this sample."""
    sample = (await national.samples(ENTERPRISE))[number]
    path = f"/v1/business-registry/enterprises/{sample['path']['enterprise_code']}"
    return await portal.ask("GET", path, **more)


async def test_answer_has_data_and_where_it_is_from(shared_portal: Portal, shared_national: National) -> None:
    """``data`` in our words, ``meta`` with source, operation, freshness, instant, age and the request's id."""
    answered = await enterprise(shared_portal, shared_national, 0, headers=NO_CACHE)
    meta = answered.json["meta"]

    assert answered.headers["Content-Type"] == "application/json; charset=utf-8"
    assert set(answered.json) == {"data", "meta"}
    assert set(meta) == {"system", "operation", "freshness", "fetched_at", "age_seconds", "request_id"}
    assert (meta["system"], meta["operation"], meta["freshness"]) == ("business_registry", "enterprise", "live")
    assert meta["age_seconds"] == 0
    assert datetime.fromisoformat(meta["fetched_at"]).tzinfo == UTC
    assert meta["fetched_at"].endswith("Z")
    assert meta["request_id"] == answered.headers["X-Request-Id"]


async def test_answer_carries_the_documented_headers(shared_portal: Portal, shared_national: National) -> None:
    """Age, ETag, Cache-Control, Cache-Status, Server-Timing, Date, Vary and the request's id."""
    answered = await enterprise(shared_portal, shared_national, 0, headers=NO_CACHE)
    headers = answered.headers

    assert headers["Age"] == "0"
    assert re.fullmatch(r'W/"[0-9a-f]{24}"', headers["ETag"])
    assert headers["Cache-Status"].startswith("lgsp; fwd=")
    assert headers["Cache-Control"].startswith("private")
    stages = {part.partition(";")[0].strip() for part in headers["Server-Timing"].split(",")}
    assert {"queue", "cache", "upstream", "translate"} <= stages
    assert {"Authorization", "X-Dossier-Id", "X-User-Id"} <= {part.strip() for part in headers["Vary"].split(",")}
    assert parsedate_to_datetime(headers["Date"]).tzinfo is not None
    assert int(headers["Content-Length"]) == len(answered.body)


async def test_second_time_is_a_hit_that_says_its_life(shared_portal: Portal, shared_national: National) -> None:
    """The first answer is fetched and stored, the second is kept, fresh, and the same to the byte of its data."""
    first = await enterprise(shared_portal, shared_national, 1)
    second = await enterprise(shared_portal, shared_national, 1)

    assert first.headers["Cache-Status"] == "lgsp; fwd=miss; stored"
    assert re.fullmatch(r"lgsp; hit; ttl=\d+", second.headers["Cache-Status"])
    assert second.json["meta"]["freshness"] == "cached"
    assert second.json["data"] == first.json["data"]
    assert second.headers["ETag"] == first.headers["ETag"]


# ---- conditional requests (RFC 9110 section 13)


@pytest.mark.parametrize("form", ["{0}", "W/{0}", '"x", {0}', "*", '"a","b", W/{0}'])
async def test_known_answer_is_not_sent_again(form: str, shared_portal: Portal, shared_national: National) -> None:
    """Who names the answer's tag, weakly or among others, gets 304 with the headers and no body."""
    first = await enterprise(shared_portal, shared_national, 1)
    opaque = first.headers["ETag"].removeprefix("W/")
    answered = await enterprise(shared_portal, shared_national, 1, headers={"If-None-Match": form.format(opaque)})

    assert (answered.status, answered.body) == (304, b"")
    assert answered.headers["ETag"] == first.headers["ETag"]
    assert {"Age", "Cache-Control", "Vary", "X-Request-Id"} <= {name.title() for name in answered.headers}


@pytest.mark.parametrize("tag", ['"0123"', "", "nonsense", 'W/"'])
async def test_other_tag_gets_the_answer(tag: str, shared_portal: Portal, shared_national: National) -> None:
    """A tag of another answer, or none that can be read, gets the whole."""
    answered = await enterprise(shared_portal, shared_national, 1, headers={"If-None-Match": tag})

    assert answered.status == 200


# ---- what the caller wishes of the cache (RFC 9111 section 5.2.1)


async def test_only_if_cached_asks_nobody(shared_portal: Portal, shared_national: National) -> None:
    """Where nothing fresh is here the caller is told so, and no source is asked."""
    before = await shared_national.total()
    wish = {"Cache-Control": "only-if-cached"}
    unknown = await enterprise(shared_portal, shared_national, 2, headers=wish)

    assert unknown.verdict == (504, "not-cached")
    assert (unknown.json["fault"], unknown.json["retryable"]) == ("caller", True)
    assert await shared_national.total() == before
    await enterprise(shared_portal, shared_national, 2)
    assert (await enterprise(shared_portal, shared_national, 2, headers=wish)).status == 200


@pytest.mark.parametrize(
    "wish", ["no-cache", "max-age=0", "NO-CACHE", "no-store", 'private, no-cache="x"', "max-age=x"]
)
async def test_who_wants_it_new_gets_it_new(wish: str, shared_portal: Portal, shared_national: National) -> None:
    """A kept answer is passed over where the caller wants none, or none of any age."""
    await enterprise(shared_portal, shared_national, 1)
    answered = await enterprise(shared_portal, shared_national, 1, headers={"Cache-Control": wish})

    assert answered.json["meta"]["freshness"] == "live"


@pytest.mark.parametrize("wish", ["max-age=3600", "min-fresh=5", "x, y=z", "max-stale", ""])
async def test_other_wishes_get_the_kept_one(wish: str, shared_portal: Portal, shared_national: National) -> None:
    """An answer that is young enough is given, and unknown directives are ignored."""
    await enterprise(shared_portal, shared_national, 1)
    answered = await enterprise(shared_portal, shared_national, 1, headers={"Cache-Control": wish})

    assert answered.json["meta"]["freshness"] == "cached"


async def test_post_is_never_not_modified(shared_portal: Portal, shared_national: National) -> None:
    """304 answers GET and HEAD alone (RFC 9110 section 13.1.2)."""
    sample = await shared_national.samples("social_insurance.participant")
    path = "/v1/social-insurance/participants/lookup"
    answered = [
        await shared_portal.ask("POST", path, body=sample[0]["body"], headers={"If-None-Match": "*"}) for _ in range(2)
    ]

    assert [answer.status for answer in answered] == [200, 200]


# ---- what each caller sees


def identity_numbers(answered: Answered) -> list[str]:
    """The identity numbers that an enterprise's answer holds."""
    data = answered.json["data"]
    people = [*data["members"], *data["representatives"]]
    return [person["identity_number"] for person in people if person.get("identity_number")]


async def test_marked_fields_need_right_and_purpose(shared_portal: Portal, shared_national: National) -> None:
    """Without purpose, or without the right, the marked fields are left out; whoever asked first changes nothing."""
    full = await enterprise(shared_portal, shared_national, 3)
    without_purpose = await enterprise(shared_portal, shared_national, 3, purpose=False)
    without_right = await enterprise(shared_portal, shared_national, 3, key=NARROW_KEY)

    assert identity_numbers(full)
    assert identity_numbers(without_purpose) == identity_numbers(without_right) == []
    for number in identity_numbers(full):
        assert number.encode() not in without_purpose.body
        assert number.encode() not in without_right.body
    assert without_purpose.json["data"]["name"] == full.json["data"]["name"]
    assert without_purpose.headers["ETag"] != full.headers["ETag"]
    assert "withheld" not in full.json["meta"]
    withheld = without_purpose.json["meta"]["withheld"]
    assert withheld == without_right.json["meta"]["withheld"]
    assert {pointer for pointer in withheld if pointer.startswith("/members/")} == {
        f"/members/{at}/identity_number" for at in range(len(full.json["data"]["members"]))
    }


async def test_public_answer_first_hides_nothing_later(shared_portal: Portal, shared_national: National) -> None:
    """An answer that was cut for one caller is not what a caller with the right gets."""
    public = await enterprise(shared_portal, shared_national, 4, purpose=False)
    full = await enterprise(shared_portal, shared_national, 4)

    assert identity_numbers(public) == []
    assert identity_numbers(full)


async def test_person_is_not_kept_by_others(shared_portal: Portal, shared_national: National) -> None:
    """An answer about a person may not be kept by whoever carries it."""
    sample = (await shared_national.samples("social_insurance.participant"))[0]
    answered = await shared_portal.look_up("social_insurance.participant", sample)

    assert answered.headers["Cache-Control"] in {"private, no-cache", "private, no-store", "no-store"}


@pytest.mark.parametrize(
    ("language", "title"),
    [("vi", "Không có bản ghi này"), ("vi-VN, en;q=0.5", "Không có bản ghi này"), ("en", "No such record"),
     ("fr", "No such record"), ("", "No such record"), ("en, vi", "No such record"), ("*", "No such record")],
)  # fmt: skip
async def test_problem_speaks_the_callers_language(
    language: str, title: str, shared_portal: Portal, shared_national: National
) -> None:
    """Vietnamese where it is wanted first, else English; the code is the same."""
    sample = (await shared_national.samples(ENTERPRISE, exists=False))[0]
    answered = await shared_portal.look_up(ENTERPRISE, sample, {"Accept-Language": language})

    assert answered.verdict == (404, "not-found")
    assert answered.json["title"] == title


async def test_no_such_record_is_a_fact_that_is_kept(shared_portal: Portal, shared_national: National) -> None:
    """Unknown to the register is an answer like another: a 404 that says so, and the source is asked once."""
    sample = (await shared_national.samples(ENTERPRISE, exists=False))[1]
    first = await shared_portal.look_up(ENTERPRISE, sample)
    before = await shared_national.total()
    second = await shared_portal.look_up(ENTERPRISE, sample)

    assert first.verdict == second.verdict == (404, "not-found")
    assert (first.json["system"], first.json["operation"]) == ("business_registry", "enterprise")
    assert await shared_national.total() == before


# ---- lists


async def test_list_says_where_its_next_page_begins(shared_portal: Portal, shared_national: National) -> None:
    """``meta`` has the next page's token, null at the end, and pages don't overlap."""
    sample = (await shared_national.samples("business_registry.registrations"))[0]
    first = await shared_portal.look_up("business_registry.registrations", sample)

    assert isinstance(first.json["data"], list)
    assert {"next_page_token", "total"} <= set(first.json["meta"])
    numbers, token = [row["registration_number"] for row in first.json["data"]], first.json["meta"]["next_page_token"]
    while token is not None:
        page = await shared_portal.look_up(
            "business_registry.registrations", {"query": {**sample["query"], "page_token": token}}
        )
        assert page.status == 200
        numbers += [row["registration_number"] for row in page.json["data"]]
        token = page.json["meta"]["next_page_token"]
    assert len(numbers) == len(set(numbers)) > 0


# ---- orders and files


async def test_order_is_accepted_with_where_it_stands(shared_portal: Portal, shared_national: National) -> None:
    """202, a Location that leads to the order, and its state."""
    sample = (await shared_national.samples("criminal_records.apply"))[0]
    answered = await shared_portal.look_up("criminal_records.apply", sample)
    code = sample["body"]["dossier_code"]

    assert answered.status == 202
    assert answered.headers["Location"] == f"/v1/criminal-records/applications/{code}"
    assert answered.json["data"]["state"] == "received"
    assert (await shared_portal.ask("GET", answered.headers["Location"])).json["data"]["application_id"] == code


async def test_file_comes_as_it_is(shared_portal: Portal, shared_national: National) -> None:
    """A certificate is its PDF: media type, a name to save it by, no envelope, and nobody keeps it."""
    sample = (await shared_national.samples("criminal_records.certificate"))[0]
    answered = await shared_portal.look_up("criminal_records.certificate", sample)

    assert answered.media_type == "application/pdf"
    assert answered.body.startswith(b"%PDF-")
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[\w%.-]+\.pdf", answered.headers["Content-Disposition"])
    assert answered.headers["X-Content-Type-Options"] == "nosniff"
    assert answered.headers["Cache-Control"] == "private, no-store"
    assert answered.headers["X-Request-Id"]


async def test_head_of_a_file_sends_none_of_it(shared_portal: Portal, shared_national: National) -> None:
    """HEAD of a file has its headers alone, and the connection goes on."""
    sample = (await shared_national.samples("criminal_records.certificate"))[0]
    path = f"/v1/criminal-records/applications/{sample['path']['application_id']}/certificate"
    answered = await shared_portal.ask("HEAD", path)

    assert (answered.status, answered.body, answered.media_type) == (200, b"", "application/pdf")
    assert (await shared_portal.ask("GET", "/v1/connectors")).status == 200


async def test_body_and_path_say_the_same_name_once(shared_portal: Portal) -> None:
    """A purpose in the headers is enough; nothing of it is read from a body."""
    answered = await shared_portal.ask(
        "POST", "/v1/social-insurance/participants/lookup", body={"insurance_number": "9900000001", **PURPOSE}
    )

    assert answered.verdict == (400, "invalid-request")
    assert "/X-Dossier-Id" in answered.pointers


async def test_answer_is_json_that_any_reader_reads(shared_portal: Portal, shared_national: National) -> None:
    """Bodies are UTF-8 with the diacritics as they are, and amounts are texts with every digit."""
    answered = await enterprise(shared_portal, shared_national, 0)
    data = json.loads(answered.body.decode("utf-8"))["data"]

    assert "\\u" not in answered.body.decode("utf-8")
    assert data["capital"] is None or isinstance(data["capital"], str)
