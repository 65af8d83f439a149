"""Thủ tục hành chính as portals publish them, and how they are found by words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from gateway.core.canonical import Canonical
from gateway.core.no_record import without_marks

FeeState: TypeAlias = Literal["charged", "no_fee", "not_said"]
"""Whether a fee is taken; not_said: the source does not say it, which is not the same as no fee."""
MOST_WORDS: Final = 20
"""Words of a search that are compared."""


class Named(Canonical):
    """A code with its name, as far as the source gives them."""

    code: str | None = Field(default=None, description="Mã")
    name: str | None = Field(default=None, description="Tên")


class ProcedureFee(Canonical):
    """Phí, lệ phí of a procedure."""

    code: str | None = Field(default=None, description="Mã phí, lệ phí")
    amount: int | None = Field(default=None, description="Số tiền; null: the source does not say it")
    unit: str | None = Field(default=None, description="Đơn vị, such as Đồng")
    description: str | None = Field(default=None, description="Mô tả")


class ProcedureTime(Canonical):
    """Thời hạn giải quyết in one way, with what it costs."""

    duration: int | None = Field(default=None, description="Thời gian giải quyết")
    unit: str | None = Field(default=None, description="Đơn vị tính, such as Ngày làm việc")
    description: str | None = Field(default=None, description="Mô tả")
    fee_state: FeeState = Field(
        default="not_said",
        description="charged: có phí, lệ phí · no_fee: không thu phí · not_said: nguồn không nêu",
    )
    fees: tuple[ProcedureFee, ...] = Field(default=(), description="Phí, lệ phí")


class ProcedureWay(Canonical):
    """Cách thức thực hiện: one channel of a procedure."""

    channel: Literal["counter", "online", "post", "unknown"] | None = Field(
        default=None, description="Kênh: counter trực tiếp · online trực tuyến · post bưu chính; see source_code"
    )
    source_code: str | None = Field(default=None, description="KENH of the source")
    times: tuple[ProcedureTime, ...] = Field(default=(), description="Thời hạn giải quyết")


class ProcedurePaper(Canonical):
    """Giấy tờ that a citizen has to hand in."""

    code: str | None = Field(default=None, description="Mã giấy tờ")
    name: str | None = Field(default=None, description="Tên giấy tờ")
    form_name: str | None = Field(default=None, description="Tên mẫu đơn")
    url: str | None = Field(default=None, description="Đường dẫn mẫu đơn")
    originals: int | None = Field(default=None, description="Số bản chính")
    copies: int | None = Field(default=None, description="Số bản sao")


class ProcedureComponents(Canonical):
    """Thành phần hồ sơ in one case."""

    case: str | None = Field(default=None, description="Trường hợp; null: in every case")
    papers: tuple[ProcedurePaper, ...] = Field(default=(), description="Giấy tờ")


class ProcedureSteps(Canonical):
    """Trình tự thực hiện in one case."""

    case: str | None = Field(default=None, description="Trường hợp; null: in every case")
    steps: tuple[str, ...] = Field(default=(), description="Trình tự")


class LegalBasis(Canonical):
    """Căn cứ pháp lý."""

    number: str | None = Field(default=None, description="Số văn bản")
    name: str | None = Field(default=None, description="Tên văn bản")


class Procedure(Canonical):
    """An administrative procedure. A list has code, name, field and agency; one asked by its code has the rest."""

    code: str = Field(description="Mã thủ tục hành chính")
    name: str = Field(description="Tên thủ tục hành chính")
    fields: tuple[Named, ...] = Field(default=(), description="Lĩnh vực thực hiện")
    agencies: tuple[Named, ...] = Field(default=(), description="Cơ quan thực hiện")
    is_public: bool | None = Field(default=None, description="Công khai (TRANGTHAI 1); null where it is not said")
    fee_state: FeeState = Field(
        default="not_said",
        description="charged: có phí, lệ phí in some way · no_fee: không thu phí in any way · not_said: nguồn không "
        "nêu",
    )
    steps: tuple[ProcedureSteps, ...] = Field(default=(), description="Trình tự thực hiện")
    ways: tuple[ProcedureWay, ...] = Field(default=(), description="Cách thức thực hiện")
    components: tuple[ProcedureComponents, ...] = Field(default=(), description="Thành phần hồ sơ")
    requirements: str | None = Field(default=None, description="Yêu cầu, điều kiện thực hiện")
    subjects: str | None = Field(default=None, description="Đối tượng thực hiện")
    results: tuple[Named, ...] = Field(default=(), description="Kết quả thực hiện")
    legal_bases: tuple[LegalBasis, ...] = Field(default=(), description="Căn cứ pháp lý")


ProcedureCode = Annotated[
    str,
    Field(
        description="Mã thủ tục hành chính",
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*$",
        examples=["9.000101.000.00.00.H58"],
    ),
]


def fee_state_of(amounts: Iterable[int | None] | None) -> FeeState:
    """The state of the fees of one way: *amounts* None is a list that is missing, an empty one says that none is taken.

    A fee without an amount is not "no fee".
    """
    if amounts is None:
        return "not_said"
    said = list(amounts)
    if any(said):
        return "charged"
    return "not_said" if None in said else "no_fee"


def fee_state_of_all(states: Iterable[FeeState]) -> FeeState:
    """The state of a procedure with these ways."""
    said = set(states)
    if "charged" in said:
        return "charged"
    return "no_fee" if said == {"no_fee"} else "not_said"


def has_words(procedure: Procedure, words: str) -> bool:
    """Whether each word of *words* is in the code, name, field or agency; case and diacritics (đ too) do not matter."""
    named = (one.name for one in (*procedure.fields, *procedure.agencies) if one.name)
    text = without_marks(" ".join((procedure.code, procedure.name, *named)))
    return all(word in text for word in without_marks(words).split()[:MOST_WORDS])
