"""Large JSON is compressed once, and the whole body can be read."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.compression import completed, packed
from gateway.core.call import LARGE
from tests.support.national import National
from tests.support.portal import Answered, Portal, wire

ACCEPTED = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize("times", [1, 65_535, 65_536, 140_000])
@given(st.binary(max_size=300), st.binary(min_size=1, max_size=3))
def test_start_and_end_are_one_stream(times: int, start: bytes, part: bytes) -> None:
    """One gzip member, whose check and length are right."""
    end = (part * times)[:times]
    stream = completed(asyncio.run(packed(start)), end)
    reader = zlib.decompressobj(31)

    assert reader.decompress(stream) + reader.flush() == start + end
    assert reader.eof
    assert reader.unused_data == b""


async def raw(portal: Portal, path: str, headers: dict[str, str] | None = None) -> Answered:
    """The answer as it is sent."""
    return await portal.raw(wire("GET", path, headers={"Connection": "close", **(headers or {})}))


async def test_large_answer_is_compressed_where_that_is_accepted(portal: Portal, national: National) -> None:
    """First, from the ring's cache and replayed, also where a caller without gzip asked before; the tag is the same."""
    sample = (await national.samples("legal_documents.provisions"))[0]
    path = f"/v1/legal-documents/documents/{sample['path']['document_id']}/provisions"
    plain = [await raw(portal, path) for _ in range(3)]
    small = [await raw(portal, path, ACCEPTED) for _ in range(3)]

    assert len(plain[0].body) > LARGE
    for answer in small:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.body) < len(plain[0].body) / 2
        assert json.loads(gzip.decompress(answer.body))["data"] == plain[0].json["data"]
        assert answer.headers["ETag"] == plain[0].headers["ETag"]
        assert "Accept-Encoding" in answer.headers["Vary"]
    for answer in plain:
        assert "Content-Encoding" not in answer.headers


async def test_small_answer_is_sent_as_it_is(portal: Portal, national: National) -> None:
    """Below the limit there is nothing to win."""
    sample = (await national.samples("business_registry.enterprise"))[0]
    answered = await raw(portal, f"/v1/business-registry/enterprises/{sample['path']['enterprise_code']}", ACCEPTED)

    assert "Content-Encoding" not in answered.headers


@pytest.mark.parametrize("path", ["/openapi.json", "/docs/swagger-ui.css"])
async def test_description_is_compressed_and_not_sent_again(path: str, portal: Portal) -> None:
    """The largest documents have a tag and are small on the way."""
    plain = await raw(portal, path)
    small = await raw(portal, path, ACCEPTED)
    known = await raw(portal, path, {"If-None-Match": plain.headers["ETag"]})

    assert gzip.decompress(small.body) == plain.body
    assert len(small.body) < len(plain.body) / 2
    assert (known.status, known.body) == (304, b"")
