"""The same document in both generations is the same answer."""

from __future__ import annotations

from typing import Any, Final

import pytest
import yaml

from gateway.connectors.legal_documents import CONNECTOR
from gateway.connectors.legal_documents.gateway import calls as newer
from gateway.connectors.legal_documents.model import DocumentQuery, DocumentSummary
from gateway.connectors.legal_documents.ws import calls as older
from gateway.settings import Settings
from tests.gateway.connectors.legal_documents.support import gateway, rest_sample, soap_sample, ws
from tests.support.laptop import ROOT, laptop_settings, serving_portal
from tests.support.national import National

QUALITY: Final = yaml.safe_load((ROOT / "gateway/connectors/legal_documents/quality.yaml").read_text("utf-8"))
MISSING: Final = {name.partition(".")[2] for name in QUALITY["fields_missing"]["ws"] if name.startswith("document.")}


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """What both can give, the source's own codes left out."""
    kept = {name: value for name, value in answer.items() if name not in MISSING and not name.endswith("source_code")}
    kept["relations"] = [{k: v for k, v in one.items() if k != "source_code"} for one in answer.get("relations", ())]
    return kept


def test_what_is_missing_is_a_field_of_the_answer() -> None:
    """No typing error hides a difference."""
    fields = next(operation for operation in CONNECTOR.operations if operation.name == "document").answer.model_fields

    assert set(fields) >= MISSING
    assert "title" in DocumentSummary.model_fields


async def test_the_samples_agree() -> None:
    """A consolidated document, as each contract has it."""
    query = DocumentQuery(document_id="101383")
    old = await older.document(query, ws(ChiTietVanBan=soap_sample("ChiTietVanBan.consolidated")))
    new = await newer.document(
        query,
        gateway(docDetail=rest_sample("docDetail.consolidated"), docDiagram=rest_sample("docDiagram.consolidated")),
    )

    assert old is not None
    assert new is not None
    assert comparable(old.model_dump()) == comparable(new.model_dump())


@pytest.mark.parametrize("day", [None, "2016-06-01"])
async def test_every_document_of_the_country_agrees(national: National, day: str | None) -> None:
    """Each sample, asked of two gateways that differ in the dialect alone."""
    samples = await national.samples("legal_documents.document")
    answers = []
    for dialect in ("ws", "gateway"):
        async with serving_portal(_asking(national.url, dialect)) as portal:
            found = []
            for sample in samples:
                asked = dict(sample, query={"in_force_on": day}) if day else sample
                found.append((await portal.look_up("legal_documents.document", asked)).json["data"])
            answers.append([comparable(answer) for answer in found])

    assert len(answers[0]) >= 10
    assert answers[0] == answers[1]


def _asking(url: str, dialect: str) -> Settings:
    """A laptop whose documents are asked of *dialect*."""
    settings = laptop_settings(url)
    block = settings.connectors["legal_documents"]
    operation = block.operations["document"].model_copy(update={"upstream": dialect})
    operations = {**block.operations, "document": operation}
    connectors = {**settings.connectors, "legal_documents": block.model_copy(update={"operations": operations})}
    return settings.model_copy(update={"connectors": connectors})
