"""The Python of the documentation runs, beside both processes where it asks a gateway."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from tests.support.documents import ROOT, environment, pages
from tests.support.pair import running_pair

# Blocks that are files have a title and are not among the parser's.
EXAMPLES: Final = Sybil(parsers=[PythonCodeBlockParser()])
PLUGIN: Final = ("-p", "no:mock_country", "-p", "lgsp_pytest.plugin")
"""The one that the package brings, whether or not it was installed since it does."""


@pytest.mark.parametrize(
    "page", [page for page in pages() if "\n```python\n" in (ROOT / page).read_text("utf-8")], ids=str
)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    """All its blocks as one module, by pytest where there are tests among them; one that says "not run" is compiled."""
    blocks = list(EXAMPLES.parse(ROOT / page).examples())
    for example in blocks:
        compile(example.region.parsed, str(page), "exec")
    code = "\n".join(example.region.parsed for example in blocks if not is_not_run(example))
    module = tmp_path / "test_page.py"
    with ExitStack() as stack:
        if "http://127.0.0.1:8080" in code:
            for shown, real in stack.enter_context(running_pair(ROOT)).replaced.items():
                code = code.replace(shown, real)
        module.write_text(code, "utf-8")
        done = ran(module, code)

    assert code
    assert done.returncode == 0, done.stdout


def is_not_run(example: Example) -> bool:
    """Whether a comment above the block says why it is not run."""
    above = example.document.text[: example.region.start].rstrip()
    return above.endswith("-->") and above.rpartition("<!--")[2].startswith(" not run: ")


def ran(module: Path, code: str) -> subprocess.CompletedProcess[str]:
    """*module*, which holds *code*, in a process of its own."""
    by_pytest = ("-m", "pytest", "-q", *PLUGIN) if "\ndef test_" in code else ()
    return subprocess.run(
        [sys.executable, *by_pytest, module.name],
        cwd=module.parent,
        env=environment(ROOT),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
