"""The commands of the documentation, run as a reader would: both processes beside them, output as shown."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.support.documents import ROOT, binaries, blocks, commands, complaints, pages, run
from tests.support.pair import running_pair

# test_fifth_connector.py follows the page left out here.
PAGES: Final = [page for page in pages() if page.name != "connect-a-system.md"]
SHELL: Final = {"sh", "console"}

pytestmark = pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs curl and bash")


def runnable(page: Path) -> bool:
    """Whether *page* has commands to run."""
    return any(block.language in SHELL and not block.why for block in blocks(ROOT / page))


@pytest.mark.parametrize("page", [page for page in PAGES if runnable(page)], ids=str)
def test_commands_do_what_the_page_shows(page: Path) -> None:
    """Each block of ``sh`` or ``console`` that does not say why it is not run."""
    wanted = [
        command
        for block in blocks(ROOT / page)
        if block.language in SHELL and not block.why
        for command in commands(block)
    ]

    with running_pair(ROOT) as pair:
        done = run(
            wanted,
            ROOT,
            variables={"LGSP_URL": pair.gateway},
            replaced={**pair.replaced, ".venv/bin/": binaries()},
        )

    assert not (said := complaints(done)), said
