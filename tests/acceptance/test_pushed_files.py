"""Files that a pushed message only names are fetched from the portal by its own call, and again after a failure."""

from __future__ import annotations

import asyncio

from tests.support.national import National
from tests.support.pusher import SUPPLEMENT, Province, province

SYSTEM = "public_service_portal"


async def path_of_file(found: Province) -> str:
    """Where the only file of the only message can be had, once it is here."""
    async with asyncio.timeout(40):
        while True:
            [listed] = await found.inbox()
            [file] = listed["files"]
            if file["state"] == "kept":
                return str(file["path"])
            assert file["state"] == "waiting", file
            await asyncio.sleep(0.1)


async def test_file_of_a_supplement_comes_by_getfile_although_the_portal_fails_first(
    national: National, database: str
) -> None:
    """A failure of ``getfile``, and then the file, of its own type; its message was listed all the time."""
    await national.fault(SYSTEM, "status", operation="getfile", requests="1", status=503)
    more = {"public_service_portal": {"upstreams": {"ngsp": {"retry": {"attempts": 1}}}}}
    async with province(database, national.url, connectors=more) as found:
        [push] = await national.push(system=SYSTEM, kind="supplement", to=found.inbound(SUPPLEMENT), files="address")
        assert push["answers"][0]["answer"]["error_code"] == "00"

        path = await path_of_file(found)
        answer = await found.portal.ask("GET", path, purpose=False)

    assert (answer.status, answer.media_type, answer.body[:5]) == (200, "application/pdf", b"%PDF-")
    assert (await national.arrivals(SYSTEM)).count("getfile") == 2
