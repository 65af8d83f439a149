"""`make generate`, or with `--check` only says whether the files are as they should be."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gateway.core.connector import Connector
from gateway.registry import scan
from generator.models import Models, TypeNames, models_module
from generator.operations import calls_module, connectors_module, questions_module
from generator.problems import problems_module
from generator.text import MARK, PACKAGE, formatted


def generated() -> Mapping[Path, str]:
    """Each generated file and what it should hold."""
    connectors = list(scan().values())
    models = Models.of(connectors)
    words = models.words(connectors)
    files = {
        "problems.py": problems_module(),
        "models/shared.py": models_module(TypeNames("shared", words), "what the national systems share", models),
        "models/dossiers.py": models_module(TypeNames("dossiers", words), "dossiers, which portals share", models),
        "models/__init__.py": f'"""Models of answers, and of the larger parts of questions. {MARK}"""\n',
        "questions/__init__.py": _package("Questions as values, for `batch` and `ask`.", connectors),
        "calls/__init__.py": connectors_module(connectors),
    }
    for connector in connectors:
        name = connector.name
        files[f"models/{name}.py"] = models_module(TypeNames(name, words), connector.title, models)
        files[f"questions/{name}.py"] = questions_module(connector, TypeNames(name, words, closed=True))
        files[f"calls/{name}.py"] = calls_module(connector, TypeNames(name, words, closed=True))
    return {PACKAGE / name: formatted(text, PACKAGE / name) for name, text in files.items()}


def _package(title: str, connectors: Sequence[Connector]) -> str:
    names = ", ".join(connector.name for connector in connectors)
    exported = ", ".join(repr(connector.name) for connector in connectors)
    return f'"""{title} {MARK}"""\n\nfrom lgsp_client.questions import {names}\n\n__all__ = [{exported}]\n'


def left_over(files: Mapping[Path, str]) -> Iterator[Path]:
    """Generated files that nothing is declared for any more."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if path not in files and MARK in path.read_text("utf-8")[:400]:
            yield path


def main() -> int:
    """0 where every file is (or was made) as it should be."""
    check = "--check" in sys.argv[1:]
    files = generated()
    changed = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    unwanted = list(left_over(files))
    for path in [*changed, *unwanted]:
        if check:
            sys.stderr.write(f"{path.name} is not what the connectors declare; make generate\n")
        elif path in files:
            path.parent.mkdir(exist_ok=True)
            path.write_text(files[path], "utf-8")
        else:
            path.unlink()
    return int(check and bool(changed or unwanted))


if __name__ == "__main__":
    sys.exit(main())
