"""Python source as text: docstrings, modules, the repository's layout."""

from __future__ import annotations

import re
import subprocess
import sysconfig
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PACKAGE: Final = Path(__file__).parents[1] / "src" / "lgsp_client"
MARK: Final = "Generated from the declared operations: make generate."
WIDTH: Final = 118
RUFF: Final = str(Path(sysconfig.get_path("scripts")) / "ruff")


def camel(name: str) -> str:
    """``business_registry`` as a class is named."""
    return "".join(part.capitalize() for part in name.split("_"))


def docstring(text: str, indent: int, told: Sequence[tuple[str, str]] = (), more: str = "") -> str:
    """*text* as a docstring; *told* are the arguments."""
    if '"""' in text or "\\" in text:
        raise SystemExit(f"no docstring can be made of {text!r}")
    pad = " " * indent
    first = re.sub(r"\s+", " ", text).strip()
    first += "" if first.endswith(('"', ".")) else "."
    lines = textwrap.wrap(f'"""{first}', WIDTH - indent, break_long_words=False)
    lines += ["", *textwrap.wrap(more, WIDTH - indent)] if more else []
    if told:
        lines += ["", "Args:"]
        for name, meaning in told:
            shown = re.sub(r"\s+", " ", meaning).replace("\\", "\\\\")
            lines += textwrap.wrap(f"{name}: {shown}", WIDTH - indent, initial_indent="    ", subsequent_indent=" " * 8)
    if len(lines) == 1:
        lines[0] += '"""'
    else:
        lines.append('"""')
    return "\n".join(f"{pad}{line}" if line else "" for line in lines)


def module(title: str, imports: Sequence[str], *parts: str) -> str:
    """A module's source, before it is formatted."""
    head = [f'"""{title} {MARK}"""', "", "from __future__ import annotations", *imports]
    return "\n".join(head) + "\n\n" + "\n\n\n".join(part for part in parts if part) + "\n"


def formatted(source: str, path: Path) -> str:
    """*source* as the repository has its Python: unused imports away, the others in order, ruff's layout."""
    for command in (["check", "--quiet", "--fix", "--select", "F401,I001"], ["format", "--quiet"]):
        ruff = [RUFF, *command, "--stdin-filename", str(path), "-"]
        done = subprocess.run(ruff, input=source.encode(), stdout=subprocess.PIPE, cwd=PACKAGE, check=True)  # noqa: S603  # ruff, on our own text
        source = done.stdout.decode()
    return source
