"""Legal documents (văn bản quy phạm pháp luật): a few dozen real acts, and thousands of made-up ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from mocks.population.dice import Dice, Shuffle
from mocks.population.names import SURNAMES, full_name
from mocks.population.places import Province, provinces_before

DOCUMENTS: Final = 5_000
_LAWS: Final = Path(__file__).parent / "data" / "laws.tsv"
_GROUP: Final = 10
#: Days between documents of a group: more than the time until any of them comes into force.
_APART: Final = 60
#: Documents issued since this day have UUIDs; older ones keep their numbers.
NEW_IDS: Final = date(2025, 1, 1)
_FIRST_NUMBER: Final = 100_000

Status = Literal["CHL", "HHL", "HHL1P", "CCHL", "TNHL", "TNHL1P", "KCPH"]
STATUS_NAMES: Final[dict[Status, str]] = {
    "CHL": "Còn hiệu lực",
    "HHL": "Hết hiệu lực toàn bộ",
    "HHL1P": "Hết hiệu lực một phần",
    "CCHL": "Chưa có hiệu lực",
    "TNHL": "Tạm ngưng hiệu lực",
    "TNHL1P": "Tạm ngưng hiệu lực một phần",
    "KCPH": "Không còn phù hợp",
}
TYPE_NAMES: Final = {
    "HP": "Hiến pháp", "BL": "Bộ luật", "LU": "Luật", "PL": "Pháp lệnh", "NĐ": "Nghị định", "TT": "Thông tư",
    "QĐ": "Quyết định", "NQ": "Nghị quyết", "NQLT": "Nghị quyết liên tịch", "VBHN": "Văn bản hợp nhất", "L-CTN": "Lệnh",
}  # fmt: skip
#: `referenceType` by meaning.
BASIS, AMENDS, REPLACES, CONSOLIDATES, CORRECTS, ABROGATES = 3, 10, 12, 7, 6, 1


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference of this document to another, for example an amendment."""

    type: int
    """`referenceType`: 10 amends, 12 replaces, 7 consolidates, 3 basis, 6 corrects, 1 abrogates."""
    target_index: int


@dataclass(frozen=True, slots=True)
class Provision:
    """One provision: chương, điều, khoản or điểm."""

    kind: Literal["chapter", "article", "clause", "point"]
    number: str
    title: str
    content: str
    children: tuple[Provision, ...] = ()


@dataclass(frozen=True, slots=True)
class LegalDocument:
    """One document; its status on a day follows from its dates and from other documents' references."""

    index: int
    id: str
    """Digits for old documents, a UUID for those since 2025."""
    number: str
    """Số ký hiệu; made-up ones have five digits, from 90000."""
    title: str
    """Trích yếu, in NFC; `decomposed` says that the source writes it in NFD."""
    type: str
    """A code of `TYPE_NAMES`."""
    issuer: str
    local: bool
    """Issued by a province."""
    signer: str | None
    issued_on: date
    effective_from: date
    effective_to: date | None
    partly_until: date | None
    """The day since which it is partly expired, by amendment."""
    special_status: Status | None
    """TNHL, TNHL1P or KCPH when a decision sets it."""
    fields: tuple[str, ...]
    """Lĩnh vực."""
    references: tuple[Reference, ...]
    has_content: bool
    """False when the source has only a heading in place of the text."""
    decomposed: bool

    @property
    def published_on(self) -> date:
        return self.issued_on + timedelta(days=7)

    @property
    def consolidated(self) -> bool:
        return self.type == "VBHN"

    def status_on(self, day: date) -> Status:
        """Returns tình trạng hiệu lực as the source shows it on *day*."""
        if day < self.effective_from:
            return "CCHL"
        if self.effective_to is not None and day >= self.effective_to:
            return "HHL"
        if self.special_status is not None:
            return self.special_status
        return "HHL1P" if self.partly_until is not None and day >= self.partly_until else "CHL"


@dataclass(frozen=True, slots=True)
class _Act:
    number: str
    type: str
    title: str
    issuer: str
    issued: date
    effective: date
    expires: date | None
    replaced_by: str


@cache
def _acts() -> tuple[_Act, ...]:
    lines = [line for line in _LAWS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")][1:]
    found = []
    for line in lines:
        number, kind, title, issuer, issued, effective, expires, replaced_by = line.split("\t")
        ends = date.fromisoformat(expires) if expires else None
        issued_on, effective_from = date.fromisoformat(issued), date.fromisoformat(effective)
        found.append(_Act(number, kind, title, issuer, issued_on, effective_from, ends, replaced_by))
    return tuple(found)


_TOPICS: Final = (
    ("thu, nộp, quản lý và sử dụng phí thẩm định hồ sơ", "Tài chính"),
    ("hỗ trợ nông dân chuyển đổi cây trồng", "Nông nghiệp"),
    ("quản lý đò ngang, bến khách", "Giao thông vận tải"),
    ("bảo tồn chợ nổi và làng nghề", "Văn hóa, thể thao và du lịch"),
    ("cấp giấy phép khai thác nước dưới đất", "Tài nguyên và môi trường"),
    ("tiếp nhận và trả kết quả thủ tục hành chính", "Nội vụ"),
    ("tiêu chuẩn kỹ thuật của cầu nông thôn", "Xây dựng"),
    ("chế độ trợ cấp cho người cao tuổi", "Lao động - Thương binh và Xã hội"),
    ("chia sẻ dữ liệu giữa các cơ quan của tỉnh", "Thông tin và truyền thông"),
    ("đặt tên đường, phố và công trình công cộng", "Văn hóa, thể thao và du lịch"),
)
_MINISTRIES: Final = (
    ("Bộ Tài chính", "BTC"), ("Bộ Tư pháp", "BTP"), ("Bộ Công an", "BCA"), ("Bộ Nội vụ", "BNV"), ("Bộ Y tế", "BYT"),
    ("Bộ Xây dựng", "BXD"), ("Bộ Công Thương", "BCT"), ("Bộ Khoa học và Công nghệ", "BKHCN"),
)  # fmt: skip


class Documents:
    """All documents by index, id and order."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._numbers = Shuffle(seed, "document", DOCUMENTS)
        self._document: Callable[[int], LegalDocument] = lru_cache(maxsize=None)(self._make)

    def __len__(self) -> int:
        return DOCUMENTS

    def __getitem__(self, index: int) -> LegalDocument:
        if not 0 <= index < DOCUMENTS:
            raise IndexError(index)
        return self._document(index)

    def __iter__(self) -> Iterator[LegalDocument]:
        return (self[index] for index in range(DOCUMENTS))

    def by_id(self, identifier: str) -> LegalDocument | None:
        """Returns the document with this id, in either form, or None."""
        if identifier.isascii() and identifier.isdigit() and len(identifier) == 6:
            value = int(identifier) - _FIRST_NUMBER
        else:
            try:
                value = UUID(identifier).int & 0xFFFF_FFFF
            except ValueError:
                return None
        index = self._numbers.back(value) if 0 <= value < DOCUMENTS else DOCUMENTS
        return self[index] if index < DOCUMENTS and self[index].id == identifier else None

    def provisions(self, document: LegalDocument) -> tuple[Provision, ...]:
        """Returns the provisions of its text; empty for documents without content and consolidated texts."""
        if not document.has_content or document.consolidated:
            return ()
        dice = Dice(self._seed, "provisions", document.index)
        chapters = dice.weighted(((1, 20), (3, 50), (5, 25), (14, 5)))
        article = 0
        tree = []
        for chapter in range(1, chapters + 1):
            articles = []
            for _ in range(dice.between(2, 5)):
                article += 1
                articles.append(_article(dice, article))
            title = ("QUY ĐỊNH CHUNG", "QUY ĐỊNH CỤ THỂ", "TỔ CHỨC THỰC HIỆN")[min(chapter - 1, 2)]
            tree.append(Provision("chapter", _roman(chapter), title, "", tuple(articles)))
        return tuple(tree)

    def text(self, document: LegalDocument) -> str:
        """Returns the full text as plain lines; only the heading when the document has no content."""
        lines = [
            document.issuer.upper(),
            f"Số: {document.number}",
            TYPE_NAMES[document.type].upper(),
            document.title,
            "",
        ]
        for chapter in self.provisions(document):
            lines.append(f"Chương {chapter.number}. {chapter.title}")
            for article in chapter.children:
                lines.append(f"Điều {article.number}. {article.title}")
                for clause in article.children:
                    lines.append(f"{clause.number}. {clause.content}")
                    lines += [f"{point.number}) {point.content}" for point in clause.children]
        return "\n".join(lines)

    def _id(self, index: int, issued: date) -> str:
        value = self._numbers[index]
        if issued < NEW_IDS:
            return str(_FIRST_NUMBER + value)
        dice = Dice(self._seed, "uuid", index)
        noise = 0
        for _ in range(3):
            noise = noise << 32 | dice.below(1 << 32)
        return str(UUID(int=noise << 32 | value, version=4))

    def _make(self, index: int) -> LegalDocument:
        return self._act(index) if index < len(_acts()) else self._invented(index)

    def _act(self, index: int) -> LegalDocument:
        act = _acts()[index]
        replaced = tuple(Reference(REPLACES, at) for at, other in enumerate(_acts()) if other.replaced_by == act.number)
        return LegalDocument(
            index=index,
            id=self._id(index, act.issued),
            number=act.number,
            title=act.title,
            type=act.type,
            issuer=act.issuer,
            local=False,
            signer=None,
            issued_on=act.issued,
            effective_from=act.effective,
            effective_to=act.expires,
            partly_until=None,
            special_status=None,
            fields=(),
            references=replaced,
            has_content=True,
            decomposed=index % 3 == 1,
        )

    def _invented(self, index: int) -> LegalDocument:
        group, role = divmod(index - len(_acts()), _GROUP)
        dice = Dice(self._seed, "documents", group)
        base = date(dice.between(2008, 2023), dice.between(1, 12), dice.between(1, 28))
        topic, field = dice.pick(_TOPICS)
        issuer = _issuer(dice)
        own = Dice(self._seed, "one document", index)
        first = index - role
        issued = base + timedelta(days=_APART * role)
        if role == 9:
            issued = date(own.pick((2025, 2026)), own.between(1, 6), own.between(1, 28))
        effective = issued + timedelta(days=own.pick((0, 10, 45)))
        if role == 9 and own.percent(30):
            effective = date(2031, 1, 1)
        kind = "VBHN" if role == 8 else issuer.type
        return LegalDocument(
            index=index,
            id=self._id(index, issued),
            number=_number(90_000 + index, issued, kind, issuer),
            title=_title(role, kind, topic, issuer),
            type=kind,
            issuer=issuer.name,
            local=issuer.local,
            signer=full_name(own, own.pick(("male", "female")), own.weighted(SURNAMES)),
            issued_on=issued,
            effective_from=effective,
            effective_to=self._ends(first, role, effective),
            partly_until=self._begins(first + 7) if role == 5 else None,
            special_status=own.weighted(((None, 80), ("TNHL", 8), ("TNHL1P", 8), ("KCPH", 4))) if role == 0 else None,
            fields=(field,) if role != 2 else (field, "Tư pháp"),
            references=tuple(_references(own, first, role, issued)),
            has_content=role != 1,
            decomposed=index % 4 == 1,
        )

    def _begins(self, index: int) -> date | None:
        return self._document(index).effective_from if index < DOCUMENTS else None

    def _ends(self, first: int, role: int, effective: date) -> date | None:
        """Returns the end of validity: document 3 of a group ends when 4 comes into force; 6 expires alone."""
        if role == 3:
            return self._begins(first + 4)
        return effective + timedelta(days=400) if role == 6 else None


@dataclass(frozen=True, slots=True)
class _Issuer:
    name: str
    symbol: str
    type: str
    local: bool


def _issuer(dice: Dice) -> _Issuer:
    if dice.percent(40):
        name, symbol = dice.pick(_MINISTRIES)
        return _Issuer(name, symbol, "TT", local=False)
    if dice.percent(20):
        return _Issuer("Chính phủ", "CP", "NĐ", local=False)
    province: Province = dice.pick(provinces_before())
    if dice.percent(30):
        return _Issuer(f"Hội đồng nhân dân {province.name}", "HĐND", "NQ", local=True)
    return _Issuer(f"Ủy ban nhân dân {province.name}", "UBND", "QĐ", local=True)


def _number(serial: int, issued: date, kind: str, issuer: _Issuer) -> str:
    if kind == "VBHN":
        return f"{serial}/VBHN-{issuer.symbol}"
    return f"{serial}/{issued.year}/{kind}-{issuer.symbol}" if kind != "NQ" else f"{serial}/{issued.year}/NQ-HĐND"


def _title(role: int, kind: str, topic: str, issuer: _Issuer) -> str:
    where = f" trên địa bàn {issuer.name.split(' ', 4)[-1]}" if issuer.local else ""
    name = TYPE_NAMES[kind]
    if role == 7:
        return f"{name} sửa đổi, bổ sung một số điều của quy định về {topic}{where}"
    if role == 6:
        return f"{name} thí điểm {topic}{where}"
    if role == 2:
        # One title in ten is as long as the longest real ones.
        return f"{name} quy định chi tiết và hướng dẫn thi hành về {topic}{where}; " + "; ".join(t for t, _ in _TOPICS)
    return f"{name} quy định về {topic}{where}"


def _references(dice: Dice, first: int, role: int, issued: date) -> Iterator[Reference]:
    older = [index for index, act in enumerate(_acts()) if act.effective <= issued]
    if older:
        yield Reference(BASIS, dice.pick(older))
    links = {
        4: ((REPLACES, 3),),
        7: ((AMENDS, 5),),
        8: ((CONSOLIDATES, 5), (CONSOLIDATES, 7)),
        9: ((CORRECTS, 2), (ABROGATES, 6)),
    }
    for kind, target in links.get(role, ()):
        yield Reference(kind, first + target)


def _article(dice: Dice, number: int) -> Provision:
    clauses = []
    for clause in range(1, dice.between(1, 4) + 1):
        points = tuple(
            Provision("point", letter, "", f"Trường hợp {letter} của khoản {clause};")
            for letter in "abcdđe"[: dice.pick((0, 0, 3, 6))]
        )
        text = f"Cơ quan, tổ chức, cá nhân thực hiện theo quy định tại Điều {number} khoản {clause}."
        clauses.append(Provision("clause", str(clause), "", text, points))
    title = ("Phạm vi điều chỉnh", "Đối tượng áp dụng", "Giải thích từ ngữ", "Trách nhiệm thi hành")[number % 4 - 1]
    return Provision("article", str(number), title, "", tuple(clauses))


def _roman(number: int) -> str:
    parts = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    text = ""
    for value, letters in parts:
        while number >= value:
            text, number = text + letters, number - value
    return text
