"""Papers as they come, good and hostile, through the process that reads them."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfWriter

from gateway.core.papers import Expected, PaperFinding
from gateway.papers.check import MIB, PaperCheck, PaperLimits
from mocks.services.criminal_records.certificate import Paper, render

NAME = "Nguyễn Thị Ưu"
CARD = "082187900001"
NUMBER = "00042/2026/STP-LLTP"
LINES = (f"1. Họ và tên: {NAME}", "2. Giới tính: Nữ", f"7. Số định danh cá nhân / giấy tờ: {CARD}")
WANTED = Expected(number=NUMBER, full_name=NAME, identity_number=CARD)


def paper(*lines: str, number: str = NUMBER) -> bytes:
    """A certificate with these lines."""
    return render(Paper(number, "PHIẾU LÝ LỊCH TƯ PHÁP SỐ 1", lines or LINES, datetime(2026, 11, 24, tzinfo=UTC)))


async def found(pdf: bytes, expected: Expected = WANTED, **limits: int) -> PaperFinding:
    """The finding about *pdf*."""
    return await PaperCheck(PaperLimits(**limits))(pdf, expected)


async def test_good_certificate_is_told_with_its_hash() -> None:
    """It opens, all that is known of the application is in it, and the hash is that of the bytes."""
    pdf = paper()

    assert await found(pdf) == PaperFinding(
        "good", hashlib.sha256(pdf).hexdigest(), 1, ("number", "full_name", "identity_number")
    )


async def test_certificate_of_another_application_is_never_deliverable() -> None:
    """Another holder, a namesake with another card, another number: each has its word."""
    other = ("1. Họ và tên: Trần Văn Ý", "2. Giới tính: Nam", "7. Số định danh cá nhân / giấy tờ: 082090900002")
    namesake = (LINES[0], LINES[1], "7. Số định danh cá nhân / giấy tờ: 082187900009")
    findings = [
        await found(paper(*other)),
        await found(paper(*namesake)),
        await found(paper(number="00043/2026/STP-LLTP")),
    ]

    assert [one.result for one in findings] == ["other_person", "other_person", "other_number"]
    assert not any(one.deliverable for one in findings)


async def test_bytes_that_are_not_a_whole_pdf_are_told_apart() -> None:
    """An HTML page, half a certificate, and 20 MB cost no process."""
    half = paper()[:-1000]

    assert (await found(b"<html>maintenance</html>")).result == "not_pdf"
    assert (await found(half)).result == "truncated"
    assert (await found(b"%PDF-1.7" + bytes(20 * MIB) + b"%%EOF")).result == "too_large"


async def test_broken_inside_is_unreadable() -> None:
    """A header and an end around nothing that a reader could use."""
    assert (await found(b"%PDF-1.7\n" + b"garbage " * 100 + b"\n%%EOF")).result == "unreadable"


async def test_scan_without_text_is_not_taken_for_anybodys() -> None:
    """Where nothing can be compared, nothing is delivered."""
    assert (await found(bare_page(b""))).result == "no_text"


def bare_page(content: bytes, *, packed: bool = False) -> bytes:
    """A PDF of one page with this content stream."""
    stream = zlib.compress(content, 9) if packed else content
    how = b"/Filter /FlateDecode " if packed else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< " + how + b"/Length " + str(len(stream)).encode() + b" >>\nstream\n" + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return assembled(objects)


def assembled(objects: list[bytes]) -> bytes:
    """The objects as a file with its table."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += str(number).encode() + b" 0 obj\n" + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 " + str(len(objects) + 1).encode() + b"\n0000000000 65535 f \n"
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += b"trailer\n<< /Size " + str(len(objects) + 1).encode() + b" /Root 1 0 R >>\nstartxref\n"
    return bytes(out + str(table).encode() + b"\n%%EOF")


ENDS_IN_A_LIMIT = {"unreadable", "too_costly"}
HOSTILE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "pages that contain themselves": (
        lambda: assembled([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]),
        ENDS_IN_A_LIMIT,
    ),
    "a stream that swells to 200 MB": (lambda: bare_page(bytes(200 * MIB), packed=True), ENDS_IN_A_LIMIT),
    "a content that goes on and on": (lambda: bare_page(b"BT (a) Tj ET q Q " * 3_000_000, packed=True), {"too_costly"}),
    "brackets without an end": (lambda: bare_page(b"[" * 2_000_000), {"no_text", *ENDS_IN_A_LIMIT}),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_paper_ends_within_its_limits(name: str) -> None:
    """Endless loops and swelling streams end the reading process, and nothing of them is delivered."""
    made, words = HOSTILE[name]
    finding = await found(made(), memory_bytes=256 * MIB, cpu_s=2)

    assert finding.result in words
    assert not finding.deliverable


async def test_reader_has_a_limit_of_memory() -> None:
    """A good paper can't be read with less memory than the reader itself needs."""
    assert (await found(paper(), memory_bytes=40 * MIB)).result in ENDS_IN_A_LIMIT


@pytest.mark.parametrize("how", ["RC4-128", "AES-128", "AES-256"])
async def test_paper_under_a_password_is_encrypted(how: str) -> None:
    """One that asks for a password can't be compared; one that is only kept from changes opens for everybody."""
    assert (await found(locked("secret", how))).result == "encrypted"
    assert (await found(locked("", how))).result == "good"


def locked(password: str, how: str) -> bytes:
    """A certificate that opens with *password*."""
    writer, out = PdfWriter(BytesIO(paper())), BytesIO()
    writer.encrypt(password, "owner", algorithm=how)
    writer.write(out)
    return out.getvalue()


async def test_machine_that_gives_no_time_says_nothing_about_the_paper() -> None:
    """A busy machine is no fault of the certificate: the caller tries again."""
    with pytest.raises(TimeoutError):
        await PaperCheck(PaperLimits(wall_s=0.001))(paper(), WANTED)


async def test_machine_without_descriptors_says_nothing_about_the_paper() -> None:
    """No process can be started: that is the machine's fault too."""
    await asyncio.to_thread(str)  # the thread that reads exists before the limit does
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            await PaperCheck()(paper(), WANTED)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_reader_gets_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that reads hostile bytes has nothing of the gateway's environment but where the code is."""
    monkeypatch.setenv("PYTHONHOME", "/nowhere")  # an environment that was passed on would end the process

    assert (await found(paper())).result == "good"
