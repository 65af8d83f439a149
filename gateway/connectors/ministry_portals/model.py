"""The questions and answers of ministries; dossiers and steps are those of ``gateway/dossiers``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from gateway.core.asked import IN_REACH
from gateway.core.canonical import Canonical, Day, Page
from gateway.core.identifiers import IDENTIFIER
from gateway.dossiers.inbound_model import InboundDossier, InboundResult
from gateway.dossiers.model import DossierBody, DossierQuery, StepBody
from gateway.dossiers.status import KnownStatus

Ministry = Annotated[
    str,
    Field(
        description="The ministry, as an entry of connectors.ministry_portals.upstreams (bộ, ngành)",
        max_length=64,
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        examples=["construction"],
    ),
]
MessageId = Annotated[
    str,
    Field(
        description="Mã thông điệp: the ministry's own code of a message to the province",
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]*$",
    ),
    IDENTIFIER,
]


class MinistryDossier(DossierBody):
    """A dossier for one ministry, in its present state."""

    ministry: Ministry


class MinistryStep(StepBody):
    """A step of a dossier for one ministry."""

    ministry: Ministry


class MinistryDossierQuery(DossierQuery):
    """A dossier at one ministry."""

    ministry: Ministry


# ---- what a ministry has for the province


class IncomingQuery(Canonical):
    """The question for the messages of a ministry: those not acknowledged, or those of a period."""

    ministry: Ministry
    from_: Annotated[Day, IN_REACH] | None = Field(
        default=None,
        alias="from",
        description="First day, for a ministry that is asked by days (ngày tiếp nhận); two days before the last unless "
        "said",
    )
    to: Annotated[Day, IN_REACH] | None = Field(
        default=None, description="Last day; today unless said. A period of at most 31 days"
    )
    page_token: str | None = Field(default=None, description="meta.next_page_token of the previous page", max_length=64)


IncomingKind: TypeAlias = Literal["dossier", "result", "unknown"]


class IncomingMessage(Canonical):
    """Thông điệp: a dossier that was filed with the ministry and is the province's to handle, or a result."""

    message_id: str = Field(description="Mã thông điệp, with which it is acknowledged")
    kind: IncomingKind = Field(description="dossier hồ sơ · result kết quả · unknown: see source_code")
    source_code: str | None = Field(default=None, description="Loại thông điệp, as sent")
    dossier_code: str = Field(description="Mã hồ sơ")
    procedure_code: str | None = Field(default=None, description="Mã thủ tục hành chính")
    sent_at: datetime | None = Field(default=None, description="Thời điểm gửi or ngày tiếp nhận, UTC")
    status: KnownStatus | None = Field(default=None, description="Trạng thái hồ sơ")
    status_source_code: str | None = Field(default=None, description="Mã trạng thái of the ministry")
    dossier: InboundDossier | None = Field(
        default=None, description="The dossier, where the list has it whole; else ask `filed`"
    )
    result: InboundResult | None = Field(default=None, description="The result, of kind result")


class IncomingPage(Page[IncomingMessage]):
    """One page of messages, oldest first."""


class FiledFile(Canonical):
    """Tệp đính kèm: a file of a dossier that was filed with the ministry; its bytes come with the inbox."""

    file_name: str = Field(description="Tên tệp")
    length: int = Field(description="Độ dài, byte")


class FiledDossier(Canonical):
    """A dossier that was filed with the ministry, whole."""

    dossier: InboundDossier
    files: tuple[FiledFile, ...] = Field(default=(), description="Tệp đính kèm")


class MessageReceipt(Canonical):
    """The messages that the province has."""

    ministry: Ministry
    message_ids: tuple[MessageId, ...] = Field(
        description="Mã thông điệp: message_id of each", min_length=1, max_length=100
    )


class Acknowledged(Canonical):
    """The messages that the ministry does not give again."""

    message_ids: tuple[str, ...] = Field(description="Mã thông điệp")
