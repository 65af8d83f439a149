"""The inbox as the description of the API shows it, and what it is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from gateway.api.schemas import RequestMeta
from gateway.core.canonical import PERSONAL, Canonical
from gateway.dossiers.inbound_model import (
    InboundDossier,
    InboundResult,
    InboundSupplement,
    InboundTaxNotice,
    InboundUnknown,
)

MOST: Final = 200
CODE: Final = r"^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}$"
NAME_OF_FILE: Final = r"^[^\x00-\x1f\x7f-\x9f]+$"
"""Without control characters: they would part lines of whatever shows the name."""
FileState = Literal["waiting", "kept", "refused", "missing"]


class InboxQuery(Canonical):
    """A page of the inbox."""

    after: int = Field(default=0, ge=0, le=2**62, description="The number of the last message that the caller has")
    limit: int = Field(default=50, ge=1, le=MOST, description="Messages of the page at most")
    state: Literal["waiting", "all"] = Field(
        default="waiting", description="waiting: those that were not acknowledged; all: the others too"
    )
    code: str | None = Field(
        default=None, pattern=CODE, description="Of the dossier: the sender's, or the province's own"
    )


class MessageQuery(Canonical):
    """A message of the inbox by its number."""

    id: int = Field(ge=1, le=2**62)


class FileQuery(Canonical):
    """A file of a message by its number."""

    id: int = Field(ge=1, le=2**62)
    number: int = Field(ge=1, le=10_000)


class Acknowledgement(Canonical):
    """The province's system has the message."""

    dossier_code: str | None = Field(
        default=None, pattern=CODE, description="Mã hồ sơ of the province: it is kept beside the sender's code"
    )


class ResultFileBody(Canonical):
    """A result that is to be given to another system by a link."""

    dossier_code: str = Field(pattern=CODE, description="Mã hồ sơ of the province")
    file_name: Annotated[str, PERSONAL] = Field(
        min_length=1, max_length=500, pattern=NAME_OF_FILE, examples=["ket-qua.pdf"]
    )
    content: Annotated[str, PERSONAL] = Field(min_length=1, description="The file in Base64")


class ResultLink(BaseModel):
    """The link of a result: whoever has it gets the file, as long as it is valid."""

    id: str
    path: str = Field(description="On the inbound port")
    url: str | None = Field(description="With the address of that port, where the gateway knows it")
    sha256: str
    media_type: str
    expires_at: datetime


class ResultLinkOne(BaseModel):
    """The link of a result."""

    data: ResultLink
    meta: RequestMeta


class InboxFile(BaseModel):
    """A file of a message."""

    number: int = Field(description="Its place in the message, from 1 on")
    name: str = Field(description="As the sender named it")
    component_code: str | None = Field(description="Mã thành phần hồ sơ")
    state: FileState = Field(
        description="waiting: it is still fetched; kept: it can be had at path; refused: its content is not taken; "
        "missing: the sender did not give it"
    )
    reason: str | None = Field(description="Why it is refused or missing: too_large, type_differs, …; a stable word")
    media_type: str | None = Field(description="By its content, not by its name")
    size: int | None = Field(description="Bytes")
    sha256: str | None = Field(description="Of its content, in hex")
    path: str | None = Field(description="Where it can be had; null: it is not here")


class InboxMessage(BaseModel):
    """A message that a system pushed to the province."""

    id: int = Field(description="Rises from message to message; give the last one as after")
    system: str = Field(
        description="The sender: public_service_portal, ministry_portals.<ministry>", examples=["public_service_portal"]
    )
    kind: Literal["dossier", "supplement", "tax_notice", "result", "unknown"] = Field(
        description="unknown: the sender gave it when it was asked, and it could not be read; see data.cause"
    )
    national_code: str = Field(
        description="Mã hồ sơ, as the sender names the dossier; of an unknown message without one, its own code"
    )
    dossier_code: str | None = Field(description="Mã hồ sơ of the province, once an acknowledgement has named it")
    revision: int = Field(
        description="1 for the first message of this sender, kind and dossier; more where its content changed"
    )
    received_at: datetime
    acknowledged_at: datetime | None
    data: Annotated[
        InboundDossier | InboundSupplement | InboundTaxNotice | InboundResult | InboundUnknown, PERSONAL
    ] = Field(description="By kind: InboundDossier, InboundSupplement, InboundTaxNotice, InboundResult, InboundUnknown")
    files: list[InboxFile]


class InboxMeta(RequestMeta):
    """The request that was answered, and where to go on."""

    next_after: int = Field(description="Give it as after to get the messages that follow")


class InboxPage(BaseModel):
    """A page of the inbox, oldest first."""

    data: list[InboxMessage]
    meta: InboxMeta


class InboxOne(BaseModel):
    """A message of the inbox."""

    data: InboxMessage
    meta: RequestMeta
