"""The country from outside, as tests of other projects and the command line use it."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import orjson
import pytest

from lgsp_pytest.client import MockCountry, MockCountryError, running
from mocks.__main__ import main
from tests.support.laptop import ROOT


@pytest.fixture(scope="module")
def started() -> Iterator[MockCountry]:
    """A country in a process of its own."""
    with running() as country:
        yield country


@pytest.fixture
def country(started: MockCountry) -> MockCountry:
    """The same, as on its first day."""
    started.reset()
    return started


def wsdl(country: MockCountry) -> None:
    with urlopen(f"{country.legal_documents.url}/ws?wsdl") as answer:
        assert answer.status == 200


def test_a_system_is_an_attribute_and_a_misspelt_one_names_those_that_are(country: MockCountry) -> None:
    """`AttributeError` with the list, as a misspelt attribute should."""
    assert country.business_registry.url == f"{country.url}/business-registry"
    assert country.system("business_registry") == country.business_registry
    with pytest.raises(AttributeError, match=r"'busines_registry'; the systems are business_registry, "):
        _ = country.busines_registry


def test_faults_add_up_and_are_told_with_their_counts(country: MockCountry) -> None:
    """Plan and kind are told apart by the names of their parameters."""
    country.business_registry.fault("latency", seconds=0.5, requests="2", probability=0.5, seed=3)
    country.legal_documents.fault("status", status=503, operation="docDetail", match={"id": "1"})

    first, second = country.faults()

    assert (first["fault"]["kind"], first["requests"], first["seed"], first["matched"]) == ("latency", "2", 3, 0)
    assert (second["operation"], second["match"]) == ("docDetail", {"id": "1"})
    country.clear_faults()
    assert country.faults() == []


def test_what_does_not_exist_is_refused_with_what_does(country: MockCountry) -> None:
    """The text of the error is enough to go on."""
    with pytest.raises(MockCountryError, match="expected tags"):
        country.business_registry.fault("latencyy")
    with pytest.raises(MockCountryError, match="chiTietDoanhNghiep"):
        country.business_registry.fault("hang", operation="chiTiet")
    with pytest.raises(MockCountryError, match="night-maintenance"):
        country.scenario("night")
    with pytest.raises(MockCountryError, match="only moves forward"):
        country.advance(timedelta(days=-1))


def test_the_journal_counts_and_shows(country: MockCountry) -> None:
    """By system and operation, beyond what it holds."""
    wsdl(country)
    wsdl(country)

    assert country.legal_documents.arrivals() == country.arrivals() == 2
    assert country.legal_documents.arrivals("docDetail") == country.business_registry.arrivals() == 0
    assert [entry["status"] for entry in country.legal_documents.journal("wsdl", limit=1)] == [200]


def test_time_goes_forward_and_a_reset_takes_it_back(country: MockCountry) -> None:
    """By ISO 8601 or a timedelta."""
    begun = country.now()

    assert timedelta(days=3) <= country.advance("P3D") - begun < timedelta(days=3, minutes=5)
    assert timedelta(days=3, hours=1) <= country.advance(timedelta(hours=1)) - begun < timedelta(days=3, hours=1.1)
    country.reset()
    assert country.now() - begun < timedelta(minutes=5)


def test_a_scenario_file_is_picked_or_told_by_line(country: MockCountry, tmp_path: Path) -> None:
    """The file is read here and sent there."""
    path = tmp_path / "my-day.yaml"
    path.write_text("description: x\nfaults:\n  - {system: legal_documents, fault: {kind: hang}}\n")
    country.scenario(path)
    assert len(country.faults()) == 1

    path.write_text("description: x\nfaults: 3\n")
    with pytest.raises(MockCountryError, match=r"my-day\.yaml, line 2"):
        country.scenario(path)


def test_two_countries_at_once_do_not_meet(country: MockCountry) -> None:
    """Each in its process, on its port; it ends with its block."""
    with running(seed=2, scenario="registry-down") as other:
        wsdl(other)
        assert (country.arrivals(), other.arrivals()) == (0, 1)
        assert len(other.faults()) == 2
    with pytest.raises(MockCountryError, match="no mock country answers"):
        other.now()


def test_tls_ports_come_with_their_authority(country: MockCountry) -> None:
    """A client that trusts it is served, at the expired port it is warned."""
    told = country.tls()
    context = ssl.create_default_context(cafile=told["ca_file"])

    with urlopen(f"{told['urls']['valid']}/legal-documents/ws?wsdl", context=context) as answer:
        assert answer.status == 200
    with pytest.raises(URLError, match="certificate has expired"):
        urlopen(f"{told['urls']['expired']}/legal-documents/ws?wsdl", context=context)


def test_a_country_that_can_not_start_says_why() -> None:
    """The text is what the command said."""
    with (
        pytest.raises(MockCountryError, match=r"did not start: .*unknown scenario 'tuesday'"),
        running(scenario="tuesday"),
    ):
        pass


async def test_a_country_ends_with_the_process_that_started_it() -> None:
    """Even where that process is killed: nothing is left behind."""
    code = "import time; from lgsp_pytest.client import running\n"
    code += "with running() as c: print(c.url, flush=True); time.sleep(60)"
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    country = MockCountry((await parent.stdout.readline()).decode().strip())
    await asyncio.to_thread(country.now)

    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()

    async with asyncio.timeout(20):
        while await asyncio.to_thread(answers, country):
            pass


def answers(country: MockCountry) -> bool:
    try:
        country.now()
    except MockCountryError:
        return False
    return True


# ---- the command line


def test_the_command_puts_a_fault_and_shows_it(country: MockCountry, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers are numbers, ordinals are text, objects are objects; the answer is JSON."""
    words = ["business_registry", "status", "status=503", "requests=1", 'match={"msdn": "1"}', 'headers={"A": "b"}']

    assert main(["--url", country.url, "fault", *words, "--operation", "chiTietDoanhNghiep"]) == 0

    (put,) = orjson.loads(capsys.readouterr().out)["faults"]
    assert put["fault"] == {"kind": "status", "status": 503, "headers": {"A": "b"}}
    assert (put["requests"], put["match"], put["operation"]) == ("1", {"msdn": "1"}, "chiTietDoanhNghiep")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (["faults", "--clear"], b'"faults"'),
        (["scenario"], b'"night-maintenance"'),
        (["scenario", "flaky"], b'"flaky"'),
        (["advance", "P1D"], b'"ahead_seconds": 86400'),
        (["journal"], b"[]"),
        (["journal", "legal_documents", "wsdl", "--limit", "1"], b"[]"),
        (["reset"], b'"ahead_seconds": 0'),
    ],
)
def test_each_command_prints_json(
    country: MockCountry, capsys: pytest.CaptureFixture[str], words: list[str], key: bytes
) -> None:
    """What the country says after it was asked."""
    assert main([f"--url={country.url}", *words]) == 0
    assert key in capsys.readouterr().out.encode()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["fault", "registry", "hang"], 1, "unknown system 'registry'"),
        (["fault", "business_registry", "latency", "seconds=soon"], 1, "valid number"),
        (["scenario", "nowhere.yaml"], 1, "No such file"),
        (["journal", "nobody"], 1, "unknown system 'nobody'"),
        (["fault", "business_registry", "latency", "seconds"], 2, "'seconds' is not key=value"),
        (["fault"], 2, "required"),
    ],
)
def test_a_command_that_is_refused_says_why(
    country: MockCountry, capsys: pytest.CaptureFixture[str], words: list[str], status: int, said: str
) -> None:
    """1 where the country refuses, 2 on wrong usage; one sentence on the error stream."""
    try:
        ended: object = main(["--url", country.url, *words])
    except SystemExit as leaving:
        ended = leaving.code

    assert ended == status
    assert said in capsys.readouterr().err


def test_a_command_without_a_country_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """1, and where it looked."""
    assert main(["--url", "http://127.0.0.1:9", "reset"]) == 1
    assert "no mock country answers at http://127.0.0.1:9" in capsys.readouterr().err


def test_repeats_and_courses_are_set_and_refused(country: MockCountry) -> None:
    """The switch is shown by the administration; unknown words are told with those that are."""
    country.criminal_records.repeat("adds", operation="guiHoSo")
    modes = {row["operation"]: row["mode"] for row in country.ask("GET", "repeat")["repeats"]}
    country.plan("supplement", dossier="H58-1")
    country.plan("mixed")

    assert (modes["guiHoSo"], modes["nhanHoSoDangKy"]) == ("adds", "refused")
    assert country.ask("GET", "applications/plan")["plan"] == {"H58-1": "supplement", "*": "mixed"}
    with pytest.raises(MockCountryError, match="takes no messages"):
        country.business_registry.repeat("adds")
    with pytest.raises(MockCountryError, match="'issue', 'supplement'"):
        country.plan("x")


def test_applications_are_listed_to_the_last(country: MockCountry) -> None:
    """Those that were sent, page after page; one by its code; None where there is none."""
    sent = orjson.loads((ROOT / "contracts/criminal_records/samples/guiHoSo.person.request.json").read_bytes())
    codes = [f"000.00.04.H58-261005-{number:04d}" for number in range(3)]
    for code in codes:
        body = orjson.dumps({**sent, "maHoSoMCDT": code})
        asked = Request(f"{country.criminal_records.url}/lltp2024/guiHoSo", body, {"Content-Type": "application/json"})
        with urlopen(asked) as answer:
            assert b"th\xc3\xa0nh c\xc3\xb4ng" in answer.read()

    assert [found["dossier"] for found in country.applications()] == codes
    assert (country.application(codes[0]) or {})["state"] == 2
    assert country.application("none") is None


def test_a_country_writes_its_journal_to_a_file(tmp_path: Path) -> None:
    """Marks and arrivals, whoever ends the process and how."""
    path = tmp_path / "journal.jsonl"
    with running(journal=path) as country:
        country.mark("here")
        wsdl(country)
        lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]

    assert [(line["event"], line.get("mark"), line.get("operation")) for line in lines] == [
        ("started", None, None),
        ("mark", "here", None),
        ("arrived", None, "wsdl"),
    ]
