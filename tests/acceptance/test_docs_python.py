"""The Python of the documentation runs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from tests.support.documents import ROOT, pages

RUNNER: Final = Sybil(parsers=[PythonCodeBlockParser()])


@pytest.mark.parametrize(
    "page", [page for page in pages() if "\n```python\n" in (ROOT / page).read_text("utf-8")], ids=str
)
def test_each_example_of_a_page_runs(page: Path) -> None:
    """One after the other, in one namespace; functions named ``test_…`` are called, as pytest would."""
    document = RUNNER.parse(ROOT / page)
    examples = list(document.examples())
    for example in examples:
        example.evaluate()
    for name, value in list(document.namespace.items()):
        if name.startswith("test_"):
            value()

    assert examples
