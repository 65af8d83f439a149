"""The answer of ``…/dossiers/{dossier_code}/preflight``: the points of a dossier, were it sent as it is."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from gateway.core.canonical import Canonical
from gateway.dossiers.model import DossierBody, DossierCode
from gateway.dossiers.status import Status
from gateway.dossiers.worth import Group, Name, PointState, worth


class PreflightPoint(Canonical):
    """One point of Quyết định 766/QĐ-TTg."""

    name: Name = Field(description="Chỉ tiêu")
    group: Group = Field(
        description="Nhóm chỉ số: transparency công khai, minh bạch · progress tiến độ giải quyết · "
        "online dịch vụ trực tuyến · digitisation mức độ số hóa"
    )
    verdict: PointState = Field(
        description="kept: được tính · lost: bị mất · open: chưa xác định (the dossier is not finished, or does not "
        "say enough)"
    )
    fields: tuple[str, ...] = Field(
        default=(), description="JSON pointers of the fields by which it is lost or open; at most 10"
    )
    reason: str | None = Field(default=None, description="A stable word that says why; null where it is kept")
    explanation: str | None = Field(default=None, description="Giải thích, in Vietnamese")


class Preflight(Canonical):
    """The points that a dossier keeps and loses by what it says."""

    dossier_code: DossierCode
    complete: Annotated[bool, Field(description="No point is lost")]
    kept: int = Field(description="Số chỉ tiêu được tính")
    lost: int = Field(description="Số chỉ tiêu bị mất")
    open: int = Field(description="Số chỉ tiêu chưa xác định")
    evidence: Literal["public_code"] = Field(
        default="public_code", description="Formulas are known from public code, not from a guide"
    )
    points: tuple[PreflightPoint, ...]


def preflight_of(dossier: DossierBody, now: datetime, status: Status | None = None) -> Preflight:
    """The points of *dossier* at *now*; *status* is that of a local code in it."""
    points = worth(dossier, now, status)
    counted = Counter(point.verdict for point in points)
    return Preflight(
        dossier_code=dossier.dossier_code,
        complete=not counted["lost"],
        kept=counted["kept"],
        lost=counted["lost"],
        open=counted["open"],
        points=tuple(
            PreflightPoint(
                name=point.name,
                group=point.group,
                verdict=point.verdict,
                fields=point.pointers,
                reason=point.why.code if point.why else None,
                explanation=point.why.vi if point.why else None,
            )
            for point in points
        ),
    )
