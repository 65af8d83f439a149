"""``lgsp contracts``: what it prints, and the status that it ends with."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

import pytest

from gateway.__main__ import main
from tests.conformance.wrong_service import Wrong, being_wrong, says, status
from tests.support.national import National

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOT_A_MOCK: Final = Wrong("not_a_mock", "", "/__mock/samples", [], status(404))
SAMPLES_ARE_PAGES: Final = Wrong("pages", "", "/__mock/samples", [], says("<html>"))


async def ran(*arguments: object) -> int:
    """The exit status of `lgsp contracts …`."""

    def run() -> int:
        with pytest.raises(SystemExit) as ended:
            main(["contracts", *map(str, arguments)])
        code = ended.value.code
        assert isinstance(code, int)
        return code

    return await asyncio.to_thread(run)


async def test_full_marks_end_with_0(shared_national: National, capsys: pytest.CaptureFixture[str]) -> None:
    """Each case in a line, what was not checked with the reason, a score for each service and one in all."""
    assert await ran("check", "--target", shared_national.url, "--contract", "social_insurance", "--samples", 2) == 0

    out = capsys.readouterr().out.splitlines()
    assert any(line.startswith("ok    social_insurance/vss KQNhanLichSuKCB2024 found: answer.arrives") for line in out)
    assert not any(line.startswith("FAIL") for line in out)
    assert out[-1].startswith("all: ")
    assert out[-1].endswith(" rules hold, 100 %")


async def test_as_json_nothing_else_is_printed(shared_national: National, capsys: pytest.CaptureFixture[str]) -> None:
    """One object with every rule."""
    assert await ran("check", "--target", f"{shared_national.url}/", "--contract", "legal_documents/ws", "--json") == 0

    report = json.loads(capsys.readouterr().out)
    (service,) = report["contracts"]
    assert (service["contract"], service["service"], report["score"]) == ("legal_documents", "ws", 100.0)
    assert len(service["rules"]) == report["checked"] == report["held"]


async def test_a_difference_ends_with_1(shared_national: National, capsys: pytest.CaptureFixture[str]) -> None:
    """The rule and the difference are printed, and the score is less."""
    wrong = Wrong("anywhere", "", "kiem-thu-khong-co", [], status(200))
    async with being_wrong(shared_national.url, wrong) as url:
        assert await ran("check", "--target", url, "--contract", "business_registry", "--samples", 1) == 1

    out = capsys.readouterr().out
    assert "FAIL  business_registry/ngsp * unknown: unknown.call\n        status: expected 404, got 200" in out
    assert "100 %" not in out


async def test_nobody_there_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a stack trace, with what to look at."""
    assert await ran("check", "--target", "http://127.0.0.1:9") == 1

    err = capsys.readouterr().err
    assert err.startswith("lgsp: http://127.0.0.1:9 does not answer ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--target", "127.0.0.1:9100"], "must be an address like http://127.0.0.1:9100"),
        (["--target", "http://x", "--contract", "nobody"], "known: business_registry"),
        (["--target", "http://x", "--contract", "social_insurance/nobody"], "social_insurance has ngsp, vss"),
        (["--target", "http://x", "--base", "/api"], "name that contract with --contract"),
    ],
)
async def test_wrong_usage_ends_with_2(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is asked, with what there is to choose from."""
    assert await ran("check", *arguments) == 2
    assert sentence in capsys.readouterr().err


async def test_a_real_system_needs_values(shared_national: National, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody guesses identifiers of real people."""
    for wrong in (NOT_A_MOCK, SAMPLES_ARE_PAGES):
        async with being_wrong(shared_national.url, wrong) as url:
            assert await ran("check", "--target", url) == 2
        assert "--values" in capsys.readouterr().err


async def test_a_real_system_is_asked_with_values_and_credentials_of_ones_own(
    shared_national: National, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At a path of its own; what there is no value for is told, not passed over."""
    values, folder = tmp_path / "values.yaml", tmp_path / "keys"
    texts = {
        values: "legal_documents.document:\n  - path: {document_id: '101934'}\n",
        folder / "legal_documents" / "api_key": "mock-legal-documents-key\n",
    }
    await asyncio.to_thread((folder / "legal_documents").mkdir, parents=True)
    for path, text in texts.items():
        await asyncio.to_thread(path.write_text, text)
    own = ["--values", values, "--credentials", folder, "--base", "legal-documents"]
    async with being_wrong(shared_national.url, NOT_A_MOCK) as url:
        assert await ran("check", "--target", url, "--contract", "legal_documents/gateway", *own) == 0

    out = capsys.readouterr().out
    assert "legal_documents/gateway docDetail found: answer.arrives" in out
    assert "legal_documents/gateway docDetail absent: no sample of legal_documents.document fits this case" in out


async def test_a_missing_credential_names_its_file(
    shared_national: National, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And ends with 2: it is the user's to write."""
    arguments = ["--contract", "legal_documents/gateway", "--credentials", tmp_path]

    assert await ran("check", "--target", shared_national.url, *arguments) == 2
    assert f"write it as one line to {tmp_path}/legal_documents/api_key" in capsys.readouterr().err


async def test_record_and_diff(shared_national: National, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Equal recordings end with 0, other shapes with 1, no recordings with 2."""
    one = ["--contract", "legal_documents/ws", "--samples", 1]
    other = ["--contract", "legal_documents/gateway", "--samples", 1]
    for name, what in (("a", one), ("b", one), ("c", other)):
        assert await ran("record", "--target", shared_national.url, "--output", tmp_path / name, *what) == 0
    assert await ran("record", "--target", shared_national.url, "--output", tmp_path / "a", *one) == 2
    assert "not empty" in capsys.readouterr().err

    assert await ran("diff", tmp_path / "a", tmp_path / "b") == 0
    assert capsys.readouterr().out == "the recordings have the same shape\n"
    assert await ran("diff", tmp_path / "a", tmp_path / "c", "--json") == 1
    assert {one["kind"] for one in json.loads(capsys.readouterr().out)} == {"file added", "file removed"}
    assert await ran("diff", tmp_path / "a", tmp_path / "nowhere") == 2
