"""What a second application of one dossier does: refused, as the first, in its place, or beside it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.services.criminal_records.support import NEW, SEEDED, System, question

ACCEPTED = "Gửi thông tin thành công"
KNOWN = "đã được tiếp nhận, không thể cập nhật thông tin"
OTHER = "Trần Văn Ớt"


async def put(system: System, mode: str, operation: str = "guiHoSo") -> None:
    """Turns the switch."""
    wanted = {"system": "criminal_records", "operation": operation, "mode": mode}
    status, told = await system.admin("PUT", "repeat", wanted)
    assert status == 200, told


async def decisions(system: System) -> list[dict[str, Any]]:
    """What the system decided, oldest first."""
    _, journal = await system.admin("GET", "journal?system=criminal_records")
    return [entry["decisions"][0] for entry in journal["entries"] if "decisions" in entry]


@pytest.mark.parametrize(
    ("mode", "answer", "outcome", "filed", "holder_form"),
    [
        ("refused", KNOWN, "repeated", 1, "1"),
        ("same", ACCEPTED, "repeated", 1, "1"),
        ("overwrites", ACCEPTED, "overwritten", 1, "2"),
        ("adds", ACCEPTED, "added", 2, "1"),
    ],
)
async def test_the_switch_says_what_a_repeated_application_does(
    system: System, mode: str, answer: str, outcome: str, filed: int, holder_form: str
) -> None:
    """The answer, the journal's word, the number of applications in the register, and whose form is printed."""
    await put(system, mode)
    await system.submit()
    again = await system.submit(toKhai__loaiPhieu="2")
    _, register = await system.admin("GET", f"applications?dossier={NEW}")
    await system.advance("P3D")
    found = await decisions(system)

    assert answer in again["statusDescription"]
    assert [one["outcome"] for one in found] == ["accepted", outcome]
    assert register["applications"][0]["filed"] == filed
    assert (await system.entry(NEW))["ketQuaXuLy"]["loaiPhieu"] == holder_form


async def test_a_reset_takes_the_switch_and_the_second_application_back(system: System) -> None:
    """The default is refused again, and the dossier is unknown."""
    await put(system, "adds")
    await system.submit()
    await system.submit()
    await system.admin("POST", "reset")

    await system.submit()
    assert KNOWN in (await system.submit())["statusDescription"]
    _, register = await system.admin("GET", f"applications?dossier={NEW}")
    assert register["applications"][0]["filed"] == 1


async def test_the_switch_is_of_one_call(system: System) -> None:
    """Another call of the same register keeps its default."""
    await put(system, "same", "nhanHoSoDangKy")
    order = question("nhanHoSoDangKy.person", idReceivedDec=NEW)

    first, second = [await system.road("nhanHoSoDangKy", order) for _ in range(2)]

    assert (first["STATUS"], second["STATUS"]) == ("1", "1")
    assert first["ID"] == second["ID"]
    assert KNOWN in (await system.submit())["statusDescription"]


async def test_an_added_application_has_an_id_of_its_own(system: System) -> None:
    """A second filing is another application, and the answer says so."""
    await put(system, "adds", "nhanHoSoDangKy")
    order = question("nhanHoSoDangKy.person", idReceivedDec=NEW)

    ids = [(await system.road("nhanHoSoDangKy", order))["ID"] for _ in range(3)]

    assert len(set(ids)) == 3


async def test_supplement_and_refusals_have_their_words(system: System) -> None:
    """A supplement is told from an application, and a refusal names the code; copies have one fingerprint."""
    await system.submit(SEEDED[5])
    await system.submit(SEEDED[5])
    await system.submit(authKey="another")
    await system.submit(toKhai__nycHoTen="")
    first, second, stranger, empty = await decisions(system)

    assert (first["outcome"], first["message"]) == ("supplement_accepted", "supplement")
    assert (second["outcome"], second["code"], second["content"]) == ("repeated", "already_received", first["content"])
    assert (stranger["outcome"], stranger["code"]) == ("refused", "100")
    assert (empty["outcome"], empty["code"], empty["dossier"]) == ("refused", "200", NEW)
