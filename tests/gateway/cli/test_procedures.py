"""``lgsp procedures``: versions of a catalogue, as JSON in a pipe and as a table on a terminal."""

from __future__ import annotations

import asyncio
import json

import pytest

from gateway.cli.operating import Port
from gateway.cli.procedures import refresh, show
from tests.gateway.api.test_ops_catalogues import KEY, NAME, Source, port_of
from tests.support.command import on_terminal


async def test_refresh_shows_and_keeps_the_difference(capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run shows it, a refresh keeps it, and show tells it again from the version that is named."""
    source = Source({"a": "x", "b": "y"})
    async with port_of(source) as served:
        port = Port(f"http://127.0.0.1:{served.number}", KEY)

        async def said(run: object, *arguments: object, **more: object) -> str:
            await asyncio.to_thread(run, *arguments, **more)  # type: ignore[arg-type]
            return capsys.readouterr().out

        dry = json.loads(await said(refresh, port, NAME, dry_run=True, force=False))
        await said(refresh, port, NAME, dry_run=False, force=False)
        source.names = {"a": "X", "c": "z"}
        with on_terminal():
            told = await said(refresh, port, NAME, dry_run=False, force=False)
            again = await said(refresh, port, NAME, dry_run=False, force=False)
            shown = await said(show, port, NAME, None)
        kept = json.loads(await said(show, port, NAME, 0))

    assert [one["code"] for one in dry["added"]] == ["a", "b"]
    assert all(word in told for word in ("added", "changed", "gone", "name"))
    assert "nothing differs" in again
    assert f"{NAME}: version 2" in shown
    assert [one["code"] for one in kept["added"]] == ["a", "c"]
