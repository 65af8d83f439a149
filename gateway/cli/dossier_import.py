"""``lgsp dossiers import``: sends the dossiers of a file through the public API, line by line."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from gateway.cli.client import Answered, Client, stdout_is_terminal
from gateway.cli.errors import FAILED, USAGE, fail
from gateway.core.printable import printable

LONGEST_LINE: Final = 8 * 1024 * 1024
MOST_TRIES: Final = 20
LONGEST_WAIT_S: Final = 60.0
SAVED_EVERY: Final = 50
_STOPS: Final = frozenset({401, 403, 404, 405, 421})
"""Statuses that every other line would meet as well."""
Fields: TypeAlias = dict[str, Any]


class BadLine(Exception):
    """A line that is not a dossier; its text says why, and nothing of what stands in the line."""


@dataclass(slots=True)
class Progress:
    """How far an import is; kept beside the file, so that it goes on where it stopped."""

    sha256: str
    """Of the file: another content begins anew."""
    done: int = 0
    sent: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier of the file; *at* is how many bytes of the file it and those before it have."""

    number: int
    at: int
    fields: Fields | BadLine


@dataclass(frozen=True, slots=True)
class Import:
    """One import. *sleep* waits as long as the gateway asks."""

    file: Path
    client: Client
    operation: str
    officer: str
    more: Mapping[str, str] = field(default_factory=dict)
    """Fields of every line, such as the ministry."""
    sleep: Callable[[float], None] = time.sleep

    @property
    def progress_file(self) -> Path:
        """Where the progress is kept."""
        return self.file.with_name(f"{self.file.name}.progress.json")

    @property
    def report_file(self) -> Path:
        """Where the bad lines are told."""
        return self.file.with_name(f"{self.file.name}.bad.jsonl")

    def run(self) -> None:
        """Sends every line once; ends with 1 where a line was bad.

        An equal line has an equal Idempotency-Key, so what is sent again changes nothing.
        """
        digest, size = _digest(self.file)
        _, template, described = self.client.route(self.operation)
        names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
        demands_key = any(one["name"] == "Idempotency-Key" for one in described["parameters"])
        progress = self._begin(digest)
        advance, close = _bar(self.file.name, size)
        try:
            for line in lines_of(self.file):
                if line.number <= progress.done:
                    continue
                self._one(line, names, progress, demands_key=demands_key)
                advance(line.at)
                if progress.done % SAVED_EVERY == 0:
                    self._save(progress)
        finally:
            close()
            self._save(progress)
        print(printable(f"{self.file.name}: {progress.sent} sent, {progress.bad} bad"))
        if progress.bad:
            print(printable(f"bad lines: {self.report_file}"))
            raise SystemExit(FAILED)

    def _begin(self, digest: str) -> Progress:
        try:
            kept = Progress(**json.loads(self.progress_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            kept = Progress("")
        if kept.sha256 == digest:
            return kept
        self.report_file.unlink(missing_ok=True)
        return Progress(digest)

    def _save(self, progress: Progress) -> None:
        part = self.progress_file.with_name(f"{self.progress_file.name}.part")
        part.write_text(json.dumps(asdict(progress)), encoding="utf-8")
        part.replace(self.progress_file)

    def _one(self, line: Line, names: list[str], progress: Progress, *, demands_key: bool) -> None:
        try:
            problem = self._sent(line.fields, names, demands_key=demands_key)
        except BadLine as error:
            problem = {"reason": str(error)}
        if problem is None:
            progress.sent += 1
        else:
            progress.bad += 1
            told = {"line": line.number, **problem}
            if isinstance(line.fields, dict) and isinstance(code := line.fields.get("dossier_code"), str):
                told["dossier_code"] = code
            with open(
                self.report_file, "a", encoding="utf-8", opener=_for_owner
            ) as report:  # Path.open takes no opener
                report.write(json.dumps(told, ensure_ascii=False) + "\n")
        progress.done = line.number

    def _sent(self, given: Fields | BadLine, names: list[str], *, demands_key: bool) -> dict[str, Any] | None:
        """None where the gateway took the dossier; else its problem, without what was sent."""
        if isinstance(given, BadLine):
            raise given
        fields = {**given, **self.more}
        code = fields.get("dossier_code")
        if not isinstance(code, str) or not code:
            raise BadLine("dossier_code is missing")
        path = {name: fields.pop(name, None) for name in names}
        for name, value in path.items():
            if not isinstance(value, str) or not value:
                raise BadLine(f"{name} is missing")
        headers = {"X-Dossier-Id": code, "X-User-Id": self.officer}
        if demands_key:
            headers["Idempotency-Key"] = _key(self.operation, path, fields)
        answered = self._until_taken(path, fields, headers)
        return None if answered.ok else _told(answered)

    def _until_taken(self, path: Fields, fields: Fields, headers: Mapping[str, str]) -> Answered:
        for _ in range(MOST_TRIES):
            answered = self.client.ask(self.operation, path, fields, headers)
            problem = answered.json if not answered.ok else None
            retryable = isinstance(problem, dict) and problem.get("retryable") is True
            if answered.ok or not retryable:
                if answered.status in _STOPS:
                    fail(f"the gateway refuses all lines ({_sentence(problem)}); then run the same command again")
                return answered
            self.sleep(min(LONGEST_WAIT_S, _retry_after(answered)))
        return fail("the gateway takes no more for now; run the same command again, and it goes on where it stopped")


def lines_of(file: Path) -> Iterator[Line]:
    """The dossiers of a JSONL or CSV file, in order; a line that can't be read is told in its place."""
    return _csv_lines(file) if file.suffix.lower() == ".csv" else _json_lines(file)


def _json_lines(file: Path) -> Iterator[Line]:
    with file.open("rb") as source:
        number = at = 0
        while raw := source.readline(LONGEST_LINE + 1):
            number += 1
            at += len(raw)
            if len(raw) > LONGEST_LINE and not raw.endswith(b"\n"):
                while (more := source.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
                    at += len(more)
                at += len(more)
                yield Line(number, at, BadLine(f"is longer than {LONGEST_LINE} bytes"))
            elif raw.strip():
                yield Line(number, at, _object(raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw))


def _object(raw: bytes) -> Fields | BadLine:
    try:
        found = json.loads(raw)
    except UnicodeDecodeError:
        return BadLine("is not UTF-8")
    except (ValueError, RecursionError):
        return BadLine("is not JSON")
    return found if isinstance(found, dict) else BadLine("is not a JSON object")


def _csv_lines(file: Path) -> Iterator[Line]:
    """Rows under names of fields, nested by dots: ``documents.0.url``. An empty cell is left out."""
    csv.field_size_limit(LONGEST_LINE)
    with file.open("rb") as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as source:
        first, line = "", 1
        try:
            first = source.readline(LONGEST_LINE)
            comma = ";" if first.count(";") > first.count(",") else ","  # spreadsheets in Vietnamese write semicolons
            names = next(csv.reader([first], delimiter=comma), [])
            if "dossier_code" not in names:
                fail(f"{file.name}: the first line must name the columns, dossier_code among them", USAGE)
            rows = csv.reader(source, delimiter=comma, strict=True)
            for row in rows:
                line = rows.line_num + 1
                if any(row):
                    yield Line(line, raw.tell(), _nested(names, row))
        except UnicodeDecodeError:
            fail(f"{file.name} is not UTF-8; save it as CSV UTF-8", USAGE)
        except csv.Error as error:
            fail(f"{file.name}, after line {line}: is not CSV ({error})", USAGE)


def _nested(names: list[str], row: list[str]) -> Fields | BadLine:
    if len(row) > len(names):
        return BadLine(f"has {len(row)} cells for {len(names)} columns")
    found: Fields = {}
    for name, cell in zip(names, row, strict=False):
        if not cell.strip():
            continue
        *above, last = name.split(".")
        place = found
        for part in above:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                return BadLine(f"column {name} is within another column")
        place[last] = {"true": True, "false": False}.get(cell.strip().lower(), cell)
    return {name: _lists(value) for name, value in found.items()}


def _lists(value: Any) -> Any:
    """Objects whose names are all numbers are lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(one) for name, one in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def _digest(file: Path) -> tuple[str, int]:
    try:
        with file.open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest(), os.fstat(source.fileno()).st_size
    except OSError as error:
        fail(f"{file} could not be read ({error.strerror})", USAGE)


def _key(operation: str, path: Fields, fields: Fields) -> str:
    whole = json.dumps([operation, path, fields], sort_keys=True, ensure_ascii=False)
    return f"import-{hashlib.sha256(whole.encode()).hexdigest()[:40]}"


def _told(answered: Answered) -> dict[str, Any]:
    """The problem of a line; what the caller sent is not repeated in it."""
    problem = answered.json if isinstance(answered.json, dict) else {}
    kept = {name: problem[name] for name in ("code", "reason", "detail", "outcome", "request_id") if name in problem}
    errors = [{name: one.get(name) for name in ("pointer", "message")} for one in problem.get("errors", ())]
    return {"status": answered.status, **kept, **({"errors": errors} if errors else {})}


def _sentence(problem: object) -> str:
    return str(problem.get("detail") or problem.get("title")) if isinstance(problem, dict) else "no problem document"


def _retry_after(answered: Answered) -> float:
    said = answered.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else 1.0


def _for_owner(path: str, flags: int) -> int:
    """Opens a file that only its owner can read."""
    return os.open(path, flags, 0o600)


def _bar(title: str, size: int) -> tuple[Callable[[int], None], Callable[[], None]]:
    """Shows how much of the file is done, on a terminal alone; and the function that ends it."""
    if not stdout_is_terminal():
        return lambda _: None, lambda: None
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    shown = Progress(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    task = shown.add_task(printable(title), total=size)
    shown.start()
    return lambda at: shown.update(task, completed=at), shown.stop
