"""Every kind of fault that spoils what an answer says, as it arrives over a real socket."""

from __future__ import annotations

import gzip

import orjson
import pytest
from lxml import etree

from tests.mocks.engine.toy import WHOLE, Toy


async def test_html_page_is_a_page_with_200(toy: Toy) -> None:
    """A maintenance page comes with HTTP 200 and as HTML."""
    await toy.fault("html_page")

    status, body, headers = await toy.get("/toy/fact")

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert "bảo trì" in body.decode()


async def test_soap_fault_carries_its_code(toy: Toy) -> None:
    """The Fault of the envelope's version has the code asked for, with HTTP 500."""
    await toy.fault("soap_fault", code="KHONG_TIM_THAY")

    status, body, _ = await toy.ask()

    assert status == 500
    assert etree.fromstring(body).findtext("{*}Body/{*}Fault/faultcode") == "KHONG_TIM_THAY"


async def test_soap_fault_with_a_standard_code_is_qualified(toy: Toy) -> None:
    """`Server` is a name of the envelope's namespace."""
    await toy.fault("soap_fault")

    _, body, _ = await toy.ask()

    assert etree.fromstring(body).findtext("{*}Body/{*}Fault/faultcode") == "soap:Server"


async def test_wrong_record_is_well_formed_and_anothers(toy: Toy) -> None:
    """The answer is about another record than asked."""
    await toy.fault("wrong_record", operation="fact")

    status, body, _ = await toy.get("/toy/fact")

    assert (status, orjson.loads(body)["ma"]) == (200, "2")


async def test_wrong_content_type_leaves_the_bytes_alone(toy: Toy) -> None:
    """Only the name of the format is wrong."""
    await toy.fault("wrong_content_type", content_type="application/octet-stream")

    status, body, headers = await toy.get("/toy/fact")

    assert (status, body, headers["Content-Type"]) == (200, WHOLE, "application/octet-stream")


async def test_bom_stands_before_the_answer(toy: Toy) -> None:
    """Three bytes and then what always comes."""
    await toy.fault("bom")

    _, body, _ = await toy.get("/toy/fact")

    assert body == b"\xef\xbb\xbf" + WHOLE


async def test_malformed_json_does_not_parse(toy: Toy) -> None:
    """The length is right and the end is wrong."""
    await toy.fault("malformed")

    status, body, headers = await toy.get("/toy/fact")

    assert (status, headers["Content-Length"]) == (200, str(len(body)))
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(body)


async def test_malformed_xml_does_not_parse(toy: Toy) -> None:
    """XML is spoilt as XML."""
    await toy.fault("malformed")

    _, body, _ = await toy.ask()

    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(body)


async def test_gzip_bomb_unpacks_to_what_it_says(toy: Toy) -> None:
    """A few kilobytes unpack to the megabytes asked for, valid to the checksum, and JSON."""
    await toy.fault("gzip_bomb", megabytes=3)

    _, body, headers = await toy.get("/toy/fact")
    unpacked = gzip.decompress(body)

    assert headers["Content-Encoding"] == "gzip"
    assert len(body) < 20_000
    assert len(unpacked) == 3 * 1_048_576 + len('{"data":""}')
    assert set(orjson.loads(unpacked)) == {"data"}


async def test_huge_body_streams_so_many_megabytes(toy: Toy) -> None:
    """The body has no length in advance and is as long as asked for."""
    await toy.fault("huge_body", megabytes=2)

    _, body, headers = await toy.get("/toy/fact")

    assert "Content-Length" not in headers
    assert len(body) == 2 * 1_048_576 + len('{"data":""}')


async def test_deep_json_is_so_deep(toy: Toy) -> None:
    """Lists within lists, as many as asked for."""
    await toy.fault("deep_json", depth=5_000)

    _, body, _ = await toy.get("/toy/fact")

    assert body == b'{"data":' + b"[" * 5_000 + b"]" * 5_000 + b"}"


async def test_deep_json_nests_elements_where_the_call_speaks_xml(toy: Toy) -> None:
    """A SOAP call answers elements within elements."""
    await toy.fault("deep_json", depth=300, operation="Hoi")

    _, body, _ = await toy.ask()

    assert (body.count(b"<a>"), body.count(b"</a>")) == (300, 300)


async def test_many_elements_crowd_the_json_answer(toy: Toy) -> None:
    """The answer stays JSON and has so many siblings more."""
    await toy.fault("many_elements", count=1_234)

    _, body, _ = await toy.get("/toy/fact")
    answer = orjson.loads(body)

    assert answer["ma"] == "1"
    assert len(answer["DANH_SACH"]) == 1_234


async def test_many_elements_crowd_the_xml_answer_within_the_body(toy: Toy) -> None:
    """The answer stays XML, and the siblings stand within the payload."""
    await toy.fault("many_elements", count=1_234)

    _, body, _ = await toy.ask()

    assert len(etree.fromstring(body).findall("{*}Body/{*}Tra/{*}x")) == 1_234


async def test_doctype_declares_entities(toy: Toy) -> None:
    """The XML has a DOCTYPE of its own root, and parses where that is allowed."""
    await toy.fault("doctype")

    _, body, _ = await toy.ask()
    root = etree.fromstring(body, etree.XMLParser(load_dtd=False, resolve_entities=False))

    assert b"<!ENTITY" in body
    assert root.getroottree().docinfo.internalDTD is not None


async def test_token_expired_says_what_the_system_says(toy: Toy) -> None:
    """A live token is answered like a spent one."""
    await toy.fault("token_expired", plan={"requests": "1"})

    first, second = await toy.get("/toy/fact"), await toy.get("/toy/fact")

    assert (first[0], orjson.loads(first[1])["fault"]["code"]) == (401, 900901)
    assert second[0] == 200


async def test_quota_spent_says_when_to_come_again(toy: Toy) -> None:
    """429 with Retry-After, unless the system has its own way."""
    await toy.fault("quota_spent")

    status, _, headers = await toy.get("/toy/fact")

    assert (status, headers["Retry-After"]) == (429, "3600")


@pytest.mark.parametrize(("how", "first", "names"), [("rename", "ten_v2", {"ten_v2"}), ("remove", None, set())])
async def test_drift_changes_a_json_field_at_every_depth(
    toy: Toy, how: str, first: str | None, names: set[str]
) -> None:
    """The field is renamed or gone, in inner objects too."""
    await toy.fault("drift", field="ten", how=how, operation="fact")

    _, body, _ = await toy.get("/toy/fact")
    answer = orjson.loads(body)

    assert "ten" not in answer
    assert first is None or first in answer
    assert [set(child) for child in answer["con"]] == [names, names]


@pytest.mark.parametrize(("how", "renamed"), [("rename", "Nguyễn Thị Ánh"), ("remove", None)])
async def test_drift_changes_an_xml_element(toy: Toy, how: str, renamed: str | None) -> None:
    """The element is renamed within its namespace, or gone."""
    await toy.fault("drift", field="Ten", how=how, operation="Hoi")

    _, body, _ = await toy.ask()
    answer = etree.fromstring(body)

    assert answer.findtext(".//{urn:toy}Ten") is None
    assert answer.findtext(".//{urn:toy}Ten_v2") == renamed
