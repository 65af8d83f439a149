"""What is kept of a system: masked, without secrets, the same each time."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.recording import record
from conformance.run import Wanted
from conformance.schema import ContractError
from conformance.shape import diff
from conformance.suite import Contract, discover
from tests.conformance.wrong_service import Wrong, being_wrong, tree
from tests.support.national import National

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONTRACTS: Final = Path(__file__).parents[2] / "contracts"
PUBLISHED: Final = [
    path.read_text(encoding="utf-8").strip() for path in CONTRACTS.glob("*/credentials/*") if path.is_file()
]


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    """Every contract that can be recorded."""
    return dict(discover(CONTRACTS))


async def recorded(url: str, contracts: dict[str, Contract], output: Path, *names: str) -> dict[str, str]:
    """The files of a recording, by their path below *output*."""
    chosen = [contracts[name] for name in names] or list(contracts.values())
    await record(Wanted(url, chosen, samples=1), output)
    return await asyncio.to_thread(files_of, output)


def files_of(output: Path) -> dict[str, str]:
    """What was written, by path."""
    return {path.relative_to(output).as_posix(): path.read_text(encoding="utf-8") for path in output.rglob("*.json")}


async def test_a_recording_tells_of_nobody_and_holds_no_secret(
    shared_national: National, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    """Neither published credentials, nor tokens, nor names and numbers of the people whom the samples name."""
    files = await recorded(shared_national.url, contracts, tmp_path / "a")
    text = "\n".join(files.values())
    async with shared_national.session.get(f"{shared_national.url}/__mock/samples") as answer:
        samples = json.dumps(await answer.json(), ensure_ascii=False)

    names = set(re.findall(r'"full_name": "([^"]+)"', samples))
    assert names
    assert [name for name in names if name in text] == []
    assert [secret for secret in PUBLISHED if secret in text and not secret.isdigit()] == []
    assert re.findall(r"\d{9,}", re.sub(r"0{9,}", "", text)) == []


async def test_two_recordings_of_one_system_are_the_same(
    shared_national: National, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    """To the byte, and so in shape."""
    first = await recorded(shared_national.url, contracts, tmp_path / "a", "legal_documents", "social_insurance")
    second = await recorded(shared_national.url, contracts, tmp_path / "b", "legal_documents", "social_insurance")

    assert first == second
    assert "legal_documents/ws/ChiTietVanBan.found.json" in first
    assert await asyncio.to_thread(diff, tmp_path / "a", tmp_path / "b") == []


def renamed(record: Any) -> None:
    """A field that goes by another name, one of another type, and a new code."""
    if record.get("MainInformation"):
        main = record["MainInformation"]
        main["FOUNDED_ON"] = main.pop("FOUNDING_DATE")
        main["ENTERPRISE_ID"] = str(main["ENTERPRISE_ID"])
        main["ENTERPRISE_STATUS"] = "7"


async def test_a_changed_shape_is_told(
    shared_national: National, contracts: dict[str, Contract], tmp_path: Path
) -> None:
    """Fields added and removed, types changed, codes never met before, each with its place."""
    await recorded(shared_national.url, contracts, tmp_path / "a", "business_registry")
    wrong = Wrong("drift", "", "apiCSDLDKDN/chiTietDoanhNghiep", [], tree(renamed), lambda seen: "msdn" in seen.path)
    async with being_wrong(shared_national.url, wrong) as url:
        await recorded(url, contracts, tmp_path / "b", "business_registry")

    found = await asyncio.to_thread(diff, tmp_path / "a", tmp_path / "b")

    file = "business_registry/ngsp/chiTietDoanhNghiep.found"
    kinds = {(one.kind, one.at, one.before, one.after) for one in found if one.file == file}
    assert ("field added", "/MainInformation/FOUNDED_ON", "", "text") in kinds
    assert ("field removed", "/MainInformation/FOUNDING_DATE", "text", "") in kinds
    assert ("type changed", "/MainInformation/ENTERPRISE_ID", "integer", "text") in kinds
    assert any(kind == "new code" and after == '"7"' for kind, _, _, after in kinds)
    assert {one.file for one in found} == {file}


async def test_an_old_recording_is_not_mixed_with_a_new_one(tmp_path: Path) -> None:
    """A directory that holds something is refused, before anything is asked."""
    await asyncio.to_thread((tmp_path / "something").write_text, "mine")

    with pytest.raises(ContractError, match="not empty"):
        await record(Wanted("http://127.0.0.1:9", []), tmp_path)
