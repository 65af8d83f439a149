"""Code blocks of the documentation: found in Markdown, written out as files, run in a shell, compared."""

from __future__ import annotations

import doctest
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_FENCE: Final = re.compile(
    r"^(?:<!-- not run: (?P<why>[^\n]+) -->\n)?```(?P<language>\w+)(?P<info>[^\n]*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_TITLE: Final = re.compile(r'title="([^"]+)"')
_MARK: Final = "--- the command ended with"
_NOT_INHERITED: Final = ("LGSP_", "PYTEST_", "MAKE", "MFLAGS")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; *title* names the file that it is (*append*: the end of), *why* says why it is not run."""

    page: Path
    line: int
    language: str
    text: str
    title: str | None
    append: bool
    why: str | None

    @property
    def where(self) -> str:
        """``docs/page.md:12``."""
        return f"{self.page.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a page and the output that the page shows; None where it shows none."""

    where: str
    text: str
    expected: str | None


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that was run."""

    command: Command
    status: int
    output: str

    @property
    def complaint(self) -> str | None:
        """What a reader would wonder about: another exit status than 0, or another output than shown."""
        shown = self.command.expected
        matches = shown is None or doctest.OutputChecker().check_output(
            f"{shown.strip()}\n", f"{self.output.strip()}\n", doctest.ELLIPSIS
        )
        if matches and self.status == 0:
            return None
        return (
            f"{self.command.where}: $ {self.command.text}\nstatus {self.status}, shown:\n{shown}\ngot:\n{self.output}"
        )


def pages() -> list[Path]:
    """The pages written for readers, from the root."""
    names = ("README", "LAYOUT", "CHANGELOG", "CONTRIBUTING", "SECURITY", "contracts/README", "lgsp_client/README")
    return [
        *(Path(f"{name}.md") for name in names),
        *sorted(p.relative_to(ROOT) for p in (ROOT / "docs").rglob("*.md")),
    ]


def links(text: str) -> list[str]:
    """Targets of the relative links of a page."""
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]


def anchors(text: str) -> set[str]:
    """What GitHub makes of the headings of a page."""
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of *page* that name a language."""
    text = page.read_text("utf-8")
    found = []
    for match in _FENCE.finditer(text):
        title = _TITLE.search(match["info"])
        found.append(
            Block(
                page=page,
                line=text.count("\n", 0, match.start("text")),
                language=match["language"],
                text=match["text"],
                title=title[1] if title else None,
                append=match["info"].rstrip().endswith(" append"),
                why=match["why"],
            )
        )
    return found


def commands(block: Block) -> Iterator[Command]:
    """What a ``sh`` block runs line by line, or a ``console`` block after each ``$``."""
    if block.language == "sh":
        yield from (Command(block.where, line, None) for line in block.text.splitlines() if line)
        return
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        first, _, output = part.partition("\n")
        yield Command(block.where, first, output)


def written(block: Block, folder: Path) -> Path:
    """The file that *block* is, written below *folder*."""
    assert block.title is not None
    path = folder / block.title
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8") if block.append else ""
    path.write_text(before + block.text, "utf-8")
    return path


def environment(folder: Path) -> dict[str, str]:
    """Variables for a command of the project in *folder*: its code first, nothing of the test run's own, and a state
    folder in which no other gateway keeps its orders.
    """
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_NOT_INHERITED)}
    state = Path(os.environ["LGSP_STATE_DIR"]) / secrets.token_hex(8)
    return {**kept, "PYTHONPATH": str(folder), "LGSP_STATE_DIR": str(state)}


def run(
    wanted: Sequence[Command],
    folder: Path,
    *,
    variables: Mapping[str, str] | None = None,
    replaced: Mapping[str, str] | None = None,
    timeout_s: float = 100,
) -> list[Ran]:
    """Runs *wanted* in one shell, so that variables live on; *replaced* turns the page's addresses into the test's."""
    script = ["exec 2>&1"]
    for command in wanted:
        text = command.text
        for shown, real in (replaced or {}).items():
            text = text.replace(shown, real)
        script += [f"{{ {text}\n}}", f'printf "\\n%s %d\\n" "{_MARK}" "$?"']
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env={**environment(folder), **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=timeout_s,
        check=False,
    )
    text = done.stdout.decode(errors="replace").replace("\r\n", "\n")
    for shown, real in (replaced or {}).items():
        text = text.replace(real, shown)
    outputs = re.split(rf"\n{_MARK} (\d+)\n", text)
    told = zip(outputs[0::2], outputs[1::2], strict=False)  # after the last status there is nothing, or the shell's end
    ended = [Ran(command, int(status), output) for command, (output, status) in zip(wanted, told, strict=False)]
    if len(ended) < len(wanted):
        return [*ended, Ran(wanted[len(ended)], done.returncode, f"{outputs[-1]}the shell ended here")]
    return ended


def complaints(done: Sequence[Ran]) -> str:
    """What a reader of the pages would complain about; empty where all is as shown."""
    return "\n\n".join(ran.complaint for ran in done if ran.complaint)


def binaries() -> str:
    """The folder that pages call ``.venv/bin/``."""
    return f"{sys.prefix}/bin/"
