"""Records a system's answers, masked: one file per call and case, always with the same name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.client import service_client
from conformance.course import Course
from conformance.run import Wanted, courses_of, first_of, samples_of
from conformance.schema import ContractError
from conformance.shape import Codes, codes_of


@dataclass(frozen=True, slots=True)
class Recorded:
    """The files written, and the cases left out."""

    files: tuple[str, ...]
    left_out: tuple[str, ...]


async def record(wanted: Wanted, output: Path, told: Callable[[str], None] = lambda _name: None) -> Recorded:
    """Runs each case and writes `<output>/<contract>/<service>/<call>.<case>.json`; *told* is called with each name.

    Logins and requests are not recorded; personal values are masked, secrets removed.

    Raises:
        Unreachable: the target does not answer.
        ContractError: *output* is not empty; or as `conformance.run.check`.
    """
    if await asyncio.to_thread(lambda: output.exists() and (not output.is_dir() or any(output.iterdir()))):
        raise ContractError(f"{output} is not empty: use an empty directory, so that old and new files are not mixed")
    files: list[str] = []
    left_out: list[str] = []
    async with service_client(wanted.target, timeout_s=wanted.timeout_s) as way:
        samples = await samples_of(way, wanted)
        courses = await asyncio.to_thread(courses_of, way, wanted, samples)
        try:
            async with asyncio.TaskGroup() as group:
                for course in courses:
                    group.create_task(_record(course, output, files, left_out, told))
        except* ContractError as errors:
            raise first_of(errors) from errors
    return Recorded(tuple(sorted(files)), tuple(sorted(left_out)))


async def _record(
    course: Course, output: Path, files: list[str], left_out: list[str], told: Callable[[str], None]
) -> None:
    where = course.report.name
    if not await course.log_in():
        left_out.append(f"{where}: the login gave no token")
        return
    for name, call in course.service.suite.calls.items():
        for label, case in call.cases.items():
            if call.writes and case.kind == "found" and not course.writes:
                left_out.append(f"{where} {name} {label}: it changes data, add --writes to send it")
                continue
            answers, codes = [], Codes()
            for asked in course.questions(call, case):
                answer = await course.ask(name, call, asked)
                if answer.broken is not None:
                    left_out.append(f"{where} {name} {label}: {answer.broken}")
                    continue
                tree = course.service.mask.recorded(course.service.tree(answer))
                codes.add(codes_of(tree, course.service.coded()))
                answers.append({"status": answer.status, "content_type": answer.content_type, "body": tree})
            if answers:
                path = f"{where}/{name}.{label}.json"
                kept = {"call": name, "case": label, "answers": answers, "codes": codes.as_json()}
                await asyncio.to_thread(_write, output / path, course.service.mask.struck(_text(kept)))
                files.append(path)
                told(path)


def _text(kept: dict[str, Any]) -> str:
    return json.dumps(kept, ensure_ascii=False, indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A lone surrogate is written as its JSON escape.
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
