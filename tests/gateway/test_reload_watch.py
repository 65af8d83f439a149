"""Files that change while the gateway runs are taken by their content."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from gateway.configuration_file import ConfigurationFile
from gateway.testing.clock import FakeClock
from tests.support.national import National
from tests.support.written import OTHER, Changing, Written, changing, hashed, written


class Watched(ConfigurationFile):
    """Counts the looks at the files."""

    looks = 0

    def digests(self) -> Mapping[str, bytes]:
        found = super().digests()
        self.looks += 1
        return found


async def look(running: Changing, clock: FakeClock, watched: Watched) -> None:
    """Lets a second pass, and the look at its end be over."""
    before = watched.looks
    await clock.advance(1)
    async with asyncio.timeout(30):
        while watched.looks == before:
            await running.ops("GET", "/livez")


async def reloads(running: Changing, result: str, *, number: int) -> None:
    """Waits until so many reloads ended so."""
    async with asyncio.timeout(30):
        while await running.metric(f'lgsp_config_reloads_total{{result="{result}"}}') < number:
            pass


async def test_a_changed_file_is_taken_by_itself(national: National, tmp_path: Path, clock: FakeClock) -> None:
    """At the second look that finds the same content, so that half a file is never taken: a key that is left out ends
    within five seconds. A file that is written again as it was is left alone.
    """
    file = await asyncio.to_thread(written, tmp_path, national.url)
    watched = Watched(file.path)
    async with changing(file, clock, watched) as running:
        file.write()
        await look(running, clock, watched)
        await look(running, clock, watched)
        file.values["callers"]["other"] = {"key_sha256": hashed(OTHER)}
        await asyncio.to_thread(file.path.write_text, "connectors: {", encoding="utf-8")
        await look(running, clock, watched)
        file.write()
        await look(running, clock, watched)
        await look(running, clock, watched)
        await reloads(running, "applied", number=1)
        known = await running.portal.ask("GET", "/v1/connectors", key=OTHER)
        del file.values["callers"]["other"]
        file.write()
        await look(running, clock, watched)
        await look(running, clock, watched)
        await reloads(running, "applied", number=2)
        revoked = await running.portal.ask("GET", "/v1/connectors", key=OTHER)
        refused = await running.metric('lgsp_config_reloads_total{result="refused"}')

    assert (known.status, revoked.status) == (200, 401)
    assert refused == 0


async def test_a_swapped_folder_is_taken(national: National, tmp_path: Path, clock: FakeClock) -> None:
    """As Kubernetes does it: the file is a link into a folder that is a link, and only that one changes."""
    old, new = tmp_path / "1", tmp_path / "2"
    old.mkdir()
    new.mkdir()
    file = await asyncio.to_thread(written, old, national.url)
    (tmp_path / "data").symlink_to("1")
    (tmp_path / "gateway.yaml").symlink_to("data/gateway.yaml")
    watched = Watched(tmp_path / "gateway.yaml")
    async with changing(file, clock, watched) as running:
        file.values["callers"]["other"] = {"key_sha256": hashed(OTHER)}
        Written(new / "gateway.yaml", file.values).write()
        (tmp_path / "fresh").symlink_to("2")
        (tmp_path / "fresh").rename(tmp_path / "data")
        await look(running, clock, watched)
        await look(running, clock, watched)
        await reloads(running, "applied", number=1)
        known = await running.portal.ask("GET", "/v1/connectors", key=OTHER)

    assert known.status == 200


async def test_a_secret_is_read_again_when_it_changes(national: National, tmp_path: Path, clock: FakeClock) -> None:
    """In its own file, which the configuration names."""
    file = await asyncio.to_thread(written, tmp_path, national.url)
    secret = tmp_path / "key"
    block = file.upstream("legal_documents", "gateway")
    good = await asyncio.to_thread(Path(block["api_key"].removeprefix("file:")).read_text, encoding="utf-8")
    await asyncio.to_thread(secret.write_text, good, encoding="utf-8")
    block["api_key"] = "file:key"
    file.values["connectors"]["legal_documents"]["operations"]["document"]["upstream"] = "gateway"
    file.write()
    first, second, *_ = await national.samples("legal_documents.document")
    watched = Watched(file.path)
    async with changing(file, clock, watched) as running:
        before = await running.portal.look_up("legal_documents.document", first)
        await asyncio.to_thread(secret.write_text, "another", encoding="utf-8")
        await look(running, clock, watched)
        await look(running, clock, watched)
        await reloads(running, "applied", number=1)
        after = await running.portal.look_up("legal_documents.document", second)

    assert before.status == 200
    assert after.json["reason"] == "credentials"


async def test_refused_credentials_are_read_again_at_once(national: National, tmp_path: Path, clock: FakeClock) -> None:
    """Whoever changed them there has mostly changed the file here: nobody waits for the next look."""
    file = await asyncio.to_thread(written, tmp_path, national.url)
    secret = tmp_path / "key"
    block = file.upstream("legal_documents", "gateway")
    good = await asyncio.to_thread(Path(block["api_key"].removeprefix("file:")).read_text, encoding="utf-8")
    await asyncio.to_thread(secret.write_text, "another", encoding="utf-8")
    block["api_key"] = "file:key"
    file.values["connectors"]["legal_documents"]["operations"]["document"]["upstream"] = "gateway"
    file.write()
    first, second, *_ = await national.samples("legal_documents.document")
    async with changing(file, clock) as running:
        await asyncio.to_thread(secret.write_text, good, encoding="utf-8")
        refused = await running.portal.look_up("legal_documents.document", first)
        await reloads(running, "applied", number=1)
        after = await running.portal.look_up("legal_documents.document", second)

    assert refused.json["reason"] == "credentials"
    assert after.status == 200
