"""The runner of the documentation's commands complains where a reader would."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.support.documents import anchors, blocks, commands, complaints, links, run, written

PAGE: Final = """# A page: with `code`

<!-- not run: nobody should -->
```sh
exit 9
```

```console
$ GREETING=hello
$ echo $GREETING world
hello ...
$ printf 'one\\r\\ntwo\\n'
one
two
```

```text title="deep/file.txt"
first
```

```text title="deep/file.txt" append
second
```

[a](other.md#part) [b](https://example.org/) [c](#a-page-with-code)
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page above, as a file."""
    path = tmp_path / "page.md"
    path.write_text(PAGE, "utf-8")
    return path


def test_blocks_say_what_they_are_and_why_they_are_not_run(page: Path) -> None:
    """Language, line, file and reason."""
    found = [(block.language, block.line, block.title, block.append, block.why) for block in blocks(page)]

    assert found == [
        ("sh", 4, None, False, "nobody should"),
        ("console", 8, None, False, None),
        ("text", 17, "deep/file.txt", False, None),
        ("text", 21, "deep/file.txt", True, None),
    ]


def test_what_matches_pleases(page: Path, tmp_path: Path) -> None:
    """Variables live on, ``...`` stands for anything, and line ends are the terminal's business."""
    console = blocks(page)[1]

    assert complaints(run(list(commands(console)), tmp_path)) == ""


@pytest.mark.parametrize(
    ("shown", "complaint"),
    [
        ("$ echo hello\ngoodbye\n", "shown:\ngoodbye"),
        ("$ echo hello\n", "got:\nhello"),
        ("$ false\n", "status 1"),
        ("$ echo hello; exit 3\nhello\n", "the shell ended"),
        ("$ echo 127.0.0.1:8080\n127.0.0.1:8081\n", "got:\n127.0.0.1:8080"),
    ],
    ids=["another output", "output that is not shown", "a failing command", "a shell that ends", "another port"],
)
def test_what_differs_is_complained_about(tmp_path: Path, shown: str, complaint: str) -> None:
    """With the command, what the page shows and what came."""
    page = tmp_path / "page.md"
    page.write_text(f"```console\n{shown}```\n", "utf-8")
    (block,) = blocks(page)

    said = complaints(run(list(commands(block)), tmp_path, replaced={"127.0.0.1:8080": "127.0.0.1:12345"}))

    assert complaint in said
    assert said.startswith("page.md:1: $ ")


def test_files_are_written_as_the_page_has_them(page: Path, tmp_path: Path) -> None:
    """Into folders of their own, later blocks at the end where they say so."""
    first, second = [written(block, tmp_path) for block in blocks(page)[2:]]

    assert first == second == tmp_path / "deep" / "file.txt"
    assert first.read_text("utf-8") == "first\nsecond\n"


def test_links_and_anchors_are_found(page: Path) -> None:
    """Addresses elsewhere are left alone; headings become what GitHub makes of them."""
    text = page.read_text("utf-8")

    assert links(text) == ["other.md#part", "#a-page-with-code"]
    assert anchors(text) == {"a-page-with-code"}
