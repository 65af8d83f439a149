"""What a tester is offered: samples, faults that fit, a journal that can be read."""

from __future__ import annotations

import pytest

from tests.mocks.services.legal_documents.support import ID, get, known, post, text
from tests.support.national import National


async def test_there_are_samples_enough(national: National) -> None:
    """Five that exist and two that do not for each lookup, an existing one last."""
    listed = await national.all_samples()
    for operation in ("document", "provisions", "content"):
        samples = listed[f"legal_documents.{operation}"]
        assert sum(sample.get("exists", True) for sample in samples) >= 5
        assert sum(not sample.get("exists", True) for sample in samples) >= 2
        assert samples[-1].get("exists", True)
    assert len(listed["legal_documents.search"]) >= 5


@pytest.mark.parametrize(
    ("kind", "operation", "fits"),
    [
        ("wrong_record", "ChiTietVanBan", True),
        ("wrong_record", "NoiDungVanBan", True),
        ("wrong_record", "docDetail", True),
        ("wrong_record", "TimKiemVanBan", False),
        ("wrong_record", "provisionTree", False),
        ("wrong_record", "token", False),
        ("soap_fault", "ChiTietVanBan", True),
        ("soap_fault", "docDetail", False),
        ("token_expired", "docDetail", True),
        ("token_expired", "ChiTietVanBan", False),
        ("doctype", "ChiTietVanBan", True),
        ("doctype", "docDetail", False),
    ],
)
async def test_a_fault_that_does_not_fit_a_call_is_refused(
    national: National, kind: str, operation: str, fits: bool
) -> None:
    """With the reason."""
    plan = {
        "faults": [{"system": "legal_documents", "operation": operation, "requests": "all", "fault": {"kind": kind}}]
    }
    async with national.session.put(f"{national.url}/__mock/faults", json=plan) as answer:
        assert answer.status == (200 if fits else 400)


async def test_the_wrong_record_is_a_good_answer_about_another(national: National) -> None:
    """In both generations."""
    one = await known(national)
    await national.fault("legal_documents", "wrong_record")

    _, old = await post(national, "ChiTietVanBan", ID.format(one))
    status, new = await get(national, one)

    assert text(old, "VanBan/Id") not in {None, one}
    assert status == 200
    assert new["data"]["id"] not in {None, one}


async def test_the_journal_shows_what_is_public(national: National) -> None:
    """Ids and numbers are nobody's secret."""
    one = await known(national)
    await post(national, "ChiTietVanBan", ID.format(one))
    async with national.session.get(f"{national.url}/__mock/journal", params={"limit": "1"}) as answer:
        entry = (await answer.json())["entries"][-1]

    assert (entry["system"], entry["operation"], entry["masked"]) == ("legal_documents", "ChiTietVanBan", {"Id": one})
