"""``lgsp dossiers import``: every line once, whatever stops it, and the bad ones told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.client import Client
from gateway.cli.dossier_import import BadLine, Import, lines_of
from tests.support.command import Command
from tests.support.pair import Pair

OPERATION: Final = "public_service_portal.sync_dossier"
DESCRIPTION: Final = {
    "paths": {
        "/v1/public-service-portal/dossiers/{dossier_code}": {
            "put": {
                "operationId": OPERATION,
                "parameters": [{"name": "Idempotency-Key", "in": "header", "required": True}],
            }
        }
    }
}


@dataclass
class Gateway:
    """A gateway that answers as a test says, and keeps what it was sent."""

    answers: list[tuple[int, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    """The next answers; then all is accepted."""
    got: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    url: str = ""

    @property
    def codes(self) -> list[str]:
        """The dossiers that arrived, in order."""
        return [path.rpartition("/")[2] for path, _, _ in self.got]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A server of the test's own."""
    found = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def do_GET(self) -> None:
            """The description."""
            self._answer(200, DESCRIPTION, {})

        def do_PUT(self) -> None:
            """One dossier."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.got.append((self.path, dict(self.headers), body))
            self._answer(*(found.answers.pop(0) if found.answers else (202, {"data": {}}, {})))

        def _answer(self, status: int, body: object, headers: dict[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if status < 400 else "application/problem+json")
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()


def imported(gateway: Gateway, file: Path, **more: Any) -> int:
    """Runs the import; its exit status."""
    try:
        Import(file, Client(gateway.url, "key"), OPERATION, "canbo.1", **more).run()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def written(file: Path, *rows: object) -> Path:
    """*rows* as lines of JSON."""
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return file


def report_of(file: Path) -> list[Any]:
    """The bad lines that were told."""
    return [json.loads(line) for line in Path(f"{file}.bad.jsonl").read_text(encoding="utf-8").splitlines()]


def test_each_line_is_sent_for_its_dossier(gateway: Gateway, tmp_path: Path) -> None:
    """Code in the path, the rest as the body, purpose and officer in the headers, a key that follows the content."""
    file = written(tmp_path / "a.jsonl", *({"dossier_code": f"H58-{n}", "summary": "đ"} for n in range(3)))

    assert imported(gateway, file) == 0

    assert gateway.codes == ["H58-0", "H58-1", "H58-2"]
    path, headers, body = gateway.got[0]
    assert path == "/v1/public-service-portal/dossiers/H58-0"
    assert body == {"summary": "đ"}
    assert (headers["X-Dossier-Id"], headers["X-User-Id"]) == ("H58-0", "canbo.1")
    assert len({head["Idempotency-Key"] for _, head, _ in gateway.got}) == 3
    assert not Path(f"{file}.bad.jsonl").exists()


def test_import_that_was_stopped_goes_on_where_it_was(gateway: Gateway, tmp_path: Path) -> None:
    """The same command again sends only what is left; once all is done, nothing."""
    file = written(tmp_path / "a.jsonl", *({"dossier_code": str(n)} for n in range(5)))
    gateway.answers = [(202, {}, {}), (202, {}, {}), (401, {"detail": "key"}, {})]

    assert imported(gateway, file) == 1
    assert imported(gateway, file) == 0
    assert imported(gateway, file) == 0

    assert gateway.codes == ["0", "1", "2", "2", "3", "4"]


def test_changed_file_begins_anew_with_the_same_keys(gateway: Gateway, tmp_path: Path) -> None:
    """So a mended line can be sent, and the gateway answers the others again without doing them again."""
    file = written(tmp_path / "a.jsonl", {"dossier_code": "1"}, {"no": "code"})
    assert imported(gateway, file) == 1
    written(file, {"dossier_code": "1"}, {"dossier_code": "2"})
    assert imported(gateway, file) == 0

    keys = [headers["Idempotency-Key"] for _, headers, _ in gateway.got]
    assert gateway.codes == ["1", "1", "2"]
    assert keys[0] == keys[1] != keys[2]
    assert not Path(f"{file}.bad.jsonl").exists()


def test_bad_lines_are_told_without_what_stands_in_them(gateway: Gateway, tmp_path: Path) -> None:
    """Each by its number, with the gateway's problem; the others go, and the status is 1."""
    file = tmp_path / "a.jsonl"
    secret = "Nguyễn Văn Bí Mật"
    lines = ['{"dossier_code": "1"}', f'{{"dossier_code": "2", "x": "{secret}"}}', f"{secret}", "[1]", "", '{"x": 1}']
    file.write_bytes("\n".join(lines).encode() + b'\n{"dossier_code": "\xff"}\n{"dossier_code": "9"}')
    problem = {
        "code": "invalid-request",
        "detail": "x",
        "errors": [{"pointer": "/x", "message": "is wrong", "value": secret}],
    }
    gateway.answers = [(202, {}, {}), (400, problem, {})]

    assert imported(gateway, file) == 1

    assert gateway.codes == ["1", "2", "9"]
    assert report_of(file) == [
        {
            "line": 2, "status": 400, "code": "invalid-request", "detail": "x",
            "errors": [{"pointer": "/x", "message": "is wrong"}], "dossier_code": "2",
        },
        {"line": 3, "reason": "is not JSON"},
        {"line": 4, "reason": "is not a JSON object"},
        {"line": 6, "reason": "dossier_code is missing"},
        {"line": 7, "reason": "is not UTF-8"},
    ]  # fmt: skip
    assert secret not in Path(f"{file}.bad.jsonl").read_text(encoding="utf-8")
    assert Path(f"{file}.bad.jsonl").stat().st_mode & 0o077 == 0


def test_gateway_that_asks_for_patience_gets_it(gateway: Gateway, tmp_path: Path) -> None:
    """A retryable problem is waited for as long as it says, and the line is sent again under the same key."""
    waited: list[float] = []
    later = (503, {"retryable": True}, {"Retry-After": "7"})
    gateway.answers = [later, (429, {"retryable": True}, {})]
    file = written(tmp_path / "a.jsonl", {"dossier_code": "1"})

    assert imported(gateway, file, sleep=waited.append) == 0

    assert waited == [7.0, 1.0]
    assert gateway.codes == ["1", "1", "1"]
    assert len({headers["Idempotency-Key"] for _, headers, _ in gateway.got}) == 1


def test_patience_ends(gateway: Gateway, tmp_path: Path) -> None:
    """A gateway that stays full ends the command; the line is not told as bad, and is sent by the next run."""
    gateway.answers = [(503, {"retryable": True}, {})] * 20
    file = written(tmp_path / "a.jsonl", {"dossier_code": "1"})

    assert imported(gateway, file, sleep=lambda _: None) == 1
    assert not Path(f"{file}.bad.jsonl").exists()
    assert imported(gateway, file, sleep=lambda _: None) == 0


@pytest.mark.parametrize("comma", [",", ";"])
def test_columns_of_a_csv_are_nested_by_their_dots(comma: str, gateway: Gateway, tmp_path: Path) -> None:
    """Both commas of spreadsheets, a byte order mark, cells of several lines, lists by number; no empty cells."""
    file = tmp_path / "a.csv"
    rows = [
        ["dossier_code", "procedure.code", "documents.0.url", "documents.1.url", "documents.0.reused", "note"],
        ["1", "1.000", "a", "b", "true", '"two\nlines"'],
        ["2", "", "", "", "", ""],
        ["3", *["x"] * 6],
    ]
    file.write_text("\n".join(comma.join(row) for row in rows), encoding="utf-8-sig")

    assert imported(gateway, file) == 1

    assert [body for _, _, body in gateway.got] == [
        {
            "procedure": {"code": "1.000"},
            "documents": [{"url": "a", "reused": True}, {"url": "b"}],
            "note": "two\nlines",
        },
        {},
    ]
    assert report_of(file) == [{"line": 5, "reason": "has 7 cells for 6 columns"}]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"code,x\n1,2\n", "dossier_code among them"),
        ("a.csv", b"dossier_code\n\xff\n", "is not UTF-8"),
        ("a.csv", b'dossier_code\n"1"x\n', "is not CSV"),
        ("b.jsonl", None, "could not be read"),
    ],
)
def test_file_that_cannot_be_read_is_one_sentence(
    name: str, content: bytes | None, said: str, gateway: Gateway, tmp_path: Path, lgsp: Command
) -> None:
    """Wrong usage, exit 2, nothing sent."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)

    ran = lgsp("dossiers", "import", str(file), "--officer", "x", "--url", gateway.url)

    assert ran.status == 2
    assert said in ran.sentence
    assert gateway.got == []


@given(st.binary(max_size=300))
def test_any_bytes_are_lines_or_bad_lines(content: bytes) -> None:
    """Never an error, and every line that is not blank is there."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.jsonl"
        file.write_bytes(content)
        found = list(lines_of(file))

    assert len(found) == sum(1 for line in content.split(b"\n") if line.strip())
    assert all(isinstance(line.fields, dict | BadLine) for line in found)


def test_dossiers_reach_a_real_gateway_once(pair: Pair, lgsp: Command, tmp_path: Path) -> None:
    """Any order can be imported; what was sent before is answered again, and no system gets it twice."""
    import urllib.request

    with urllib.request.urlopen(f"{pair.mocks}/__mock/samples") as answer:
        [sample, *_] = json.loads(answer.read())["criminal_records.apply"]
    orders = [{**sample["body"], "dossier_code": f"000.00.04.H58-260909-{n:04}"} for n in range(3)]
    file = written(tmp_path / "a.jsonl", *orders, {"dossier_code": "x"})
    command = ("dossiers", "import", str(file), "--officer", "canbo.1", "--operation", "criminal_records.apply")

    ran = lgsp(*command, "--url", pair.gateway)
    assert ran.status == 1
    assert ran.out.startswith("a.jsonl: 3 sent, 1 bad\n")
    assert [told["line"] for told in report_of(file)] == [4]
    Path(f"{file}.progress.json").unlink()
    Path(f"{file}.bad.jsonl").unlink()
    assert lgsp(*command, "--url", pair.gateway).out.startswith("a.jsonl: 3 sent, 1 bad\n")
