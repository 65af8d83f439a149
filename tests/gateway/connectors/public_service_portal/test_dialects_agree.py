"""The same record is the same answer in each generation of the portal, as far as both can give it."""

from __future__ import annotations

from typing import Any, Final

import pytest
import yaml

from gateway.connectors.public_service_portal import CONNECTOR
from tests.support.laptop import OTHER_DIALECTS, ROOT, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered, Portal

QUALITY: Final = yaml.safe_load((ROOT / "gateway/connectors/public_service_portal/quality.yaml").read_text("utf-8"))
OTHER: Final = {"public_service_portal": OTHER_DIALECTS["public_service_portal"]}
MISSING: Final = {
    name.partition(".")[2] for name in QUALITY["fields_missing"]["page"] if name.startswith("procedures.")
}


def test_what_is_missing_is_a_field_of_the_answer() -> None:
    """No typing error hides a difference."""
    page = next(operation for operation in CONNECTOR.operations if operation.name == "procedures").answer
    fields = set(page.model_fields["items"].annotation.__args__[0].model_fields)

    assert {name.partition(".")[0] for name in MISSING} <= fields


def comparable(procedure: dict[str, Any]) -> dict[str, Any]:
    """What both lists can give."""
    kept = {name: value for name, value in procedure.items() if name not in MISSING}
    for listed in ("fields", "agencies"):
        assert f"{listed}.code" in MISSING
        kept[listed] = [one["name"] for one in kept[listed]]
    return kept


@pytest.mark.parametrize("words", ["", "?q=dang%20ky", "?q=so%20tu%20phap", "?code=9.000102.000.00.00.H58"])
async def test_every_procedure_of_the_country_agrees(national: National, words: str) -> None:
    """The list, a search that does not mind diacritics, and one by its code; the fees of one are said by one alone."""
    found = []
    for connectors in ({}, OTHER):
        async with serving_portal(laptop_settings(national.url, connectors=connectors)) as portal:
            answered = await portal.ask("GET", f"/v1/public-service-portal/procedures{words}")
            assert answered.status == 200
            found.append(answered.json["data"])

    assert [comparable(one) for one in found[0]] == [comparable(one) for one in found[1]] != []
    assert {one["fee_state"] for one in found[1]} == {"not_said"}
    assert ("code" in words) is (found[0][0]["fee_state"] == "no_fee")


async def told(national: National, connectors: dict[str, Any], operation: str) -> list[dict[str, Any]]:
    """What a deployment tells of each sample of an order, in a country that starts anew."""
    await national.reset()
    async with serving_portal(laptop_settings(national.url, connectors=connectors)) as portal:
        answers = [await portal.look_up(operation, sample) for sample in await national.samples(operation)]
    assert {answer.status for answer in answers} == {202}
    return [answer.json["data"] for answer in answers]


async def look_up(portal: Portal, code: str) -> Answered:
    """The dossier as the portal has it."""
    return await portal.ask("GET", f"/v1/public-service-portal/dossiers/{code}", headers={"X-Dossier-Id": code})


@pytest.mark.parametrize("operation", ["sync_dossier", "report_progress"])
async def test_every_order_of_the_country_agrees(national: National, operation: str) -> None:
    """The same order by the first and by the second generation is the same answer, and the same dossier there."""
    kept = []
    answers = []
    for connectors in ({}, OTHER):
        answers.append(await told(national, connectors, f"public_service_portal.{operation}"))
        async with serving_portal(laptop_settings(national.url)) as first:
            codes = [one["dossier_code"] for one in answers[-1]]
            looked = [await look_up(first, code) for code in codes]
        kept.append([answer.json["data"] for answer in looked])

    assert answers[0] == answers[1] != []
    assert kept[0] == kept[1]
    assert {one["state"] for one in kept[1]} == {"synced"}
