"""``docs/connect-a-system.md``, followed to the letter in a copy of the repository."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import pytest

from tests.support.documents import ROOT, blocks, commands, complaints, environment, run, written
from tests.support.pair import running_pair

PAGE: Final = ROOT / "docs" / "connect-a-system.md"
LEFT_OUT: Final = (".git", ".venv*", ".lgsp", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info")
CONFIGURATION: Final = {"config/laptop.yaml"}
TABLES: Final = {
    p.relative_to(ROOT).as_posix() for p in ROOT.glob("docs/operate/*.md") if "<!-- begin " in p.read_text("utf-8")
}
CLIENT: Final = {
    f"lgsp_client/src/lgsp_client/{name}"
    for part in ("calls", "models", "questions")
    for name in (f"{part}/__init__.py", f"{part}/land_parcels.py")
}
GENERATED: Final = {"contracts/gateway/openapi.yaml", "config/schema.json"} | TABLES | CLIENT
KITS: Final = (
    "tests/acceptance/test_every_fault.py",
    "tests/gateway/connectors/test_every_connector.py",
    "tests/gateway/connectors/test_every_dialect.py",
    "tests/gateway/connectors/test_every_quality.py",
    "tests/mocks/engine/test_every_service.py",
)
NEW: Final = (
    "contracts/land_parcels/",
    "gateway/connectors/land_parcels/",
    "mocks/services/land_parcels/",
    "tests/gateway/connectors/land_parcels/",
    "tests/contracts/test_land_parcels.py",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not all(map(shutil.which, ("bash", "curl", "make"))), reason="the page uses bash, curl and make"
    ),
]


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the repository in which the page was followed; *before* it had these files with these hashes."""

    folder: Path
    before: dict[str, str]

    @property
    def after(self) -> dict[str, str]:
        """The files now."""
        return fingerprints(self.folder)


def fingerprints(folder: Path) -> dict[str, str]:
    """Hashes of the files below *folder* that belong to the project."""
    unwanted = shutil.ignore_patterns(*LEFT_OUT)
    found = {}
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        names = {path.name for path in here.iterdir()}
        for name in names - set(unwanted(str(here), list(names))):
            path = here / name
            if path.is_dir():
                waiting.append(path)
            else:
                found[path.relative_to(folder).as_posix()] = sha256(path.read_bytes()).hexdigest()
    return found


def environment_of(folder: Path) -> None:
    """A ``.venv`` in *folder* made of this run's environment, for make to find it finished."""
    venv = folder / ".venv"
    venv.mkdir()
    for entry in Path(sys.prefix).iterdir():
        if entry.name not in {".runtime", ".dev"}:
            (venv / entry.name).symlink_to(entry)
    for mark in (".runtime", ".dev"):
        (venv / mark).touch()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The repository with the page's files written and its commands run; each of them must succeed."""
    folder = tmp_path_factory.mktemp("fifth") / "repository"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    environment_of(folder)
    before = fingerprints(folder)
    for block in blocks(PAGE):
        if block.title is not None:
            written(block, folder)
    done = run(
        [each for block in blocks(PAGE) if block.language == "sh" for each in commands(block)], folder, timeout_s=280
    )
    assert not (said := complaints(done)), said
    return Copy(folder, before)


def test_nothing_that_exists_is_edited(copy: Copy) -> None:
    """But configuration and generated files; all else that is there now is in the page's own folders."""
    after = copy.after
    changed = {name for name, digest in copy.before.items() if after.get(name) != digest}
    added = {name for name in after.keys() - copy.before.keys() if not name.startswith(NEW)}

    assert changed <= CONFIGURATION | GENERATED
    assert added <= GENERATED


def test_what_looks_at_all_systems_still_passes(copy: Copy) -> None:
    """Whoever followed the page finds `make test` as it was: of the tests about all systems at once, those that could
    want more than new folders.
    """
    whole = (
        "tests/gateway/connectors/test_code_tables.py",
        "tests/contracts/test_gateway_openapi.py::test_running_gateway_describes_what_it_offers",
        "tests/contracts/test_gateway_openapi.py::test_every_example_can_be_tried",
        "tests/mocks/engine/test_xroad.py::test_every_service_of_the_directory_is_a_system",
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *whole],
        cwd=copy.folder,
        env=environment(copy.folder),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout[-2000:]


def test_the_page_holds_every_file_of_its_folders(copy: Copy) -> None:
    """What the commands run is what the page shows, file for file."""
    shown = {block.title for block in blocks(PAGE) if block.title and not block.append}

    assert shown == {name for name in copy.after if name.startswith(NEW)}


def test_every_kit_finds_the_new_system(copy: Copy) -> None:
    """The page's own run of pytest was not about its own tests alone."""
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "-k", "land_parcels", *KITS],
        cwd=copy.folder,
        env=environment(copy.folder),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert {line.partition("::")[0] for line in listed.stdout.splitlines() if "::" in line} == set(KITS), listed.stdout


def test_a_reader_sees_what_the_page_shows(copy: Copy) -> None:
    """Route, description, command line, metric labels and the errors, over real sockets."""
    wanted = [each for block in blocks(PAGE) if block.language == "console" for each in commands(block)]

    with running_pair(copy.folder) as pair:
        done = run(wanted, copy.folder, variables={"LGSP_URL": pair.gateway}, replaced=pair.replaced)

    assert not (said := complaints(done)), said


@pytest.fixture
def breach(copy: Copy, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The copy with a forbidden line at the end of one file, taken out again afterwards."""
    name, line = request.param
    path = copy.folder / name
    before = path.read_text("utf-8")
    path.write_text(f"{before}{line}\n", "utf-8")
    yield copy.folder
    path.write_text(before, "utf-8")


@pytest.mark.parametrize(
    ("breach", "contract"),
    [
        (
            ("gateway/connectors/land_parcels/model.py", "import gateway.connectors.business_registry.model"),
            "No connector knows another",
        ),
        (("gateway/connectors/land_parcels/ngsp/calls.py", "import gateway.adapters.rest"), "Everything rests on core"),
        (("gateway/connectors/land_parcels/ngsp/translate.py", "import aiohttp"), "translation and core do no I/O"),
        (("mocks/services/land_parcels/__init__.py", "import gateway.core.canonical"), "Gateway and mocks share"),
        (
            ("mocks/services/land_parcels/__init__.py", "import mocks.services.business_registry"),
            "No mock service knows another",
        ),
    ],
    ids=["another connector", "an adapter", "impure translation", "the gateway", "another mock"],
    indirect=["breach"],
)
def test_import_contracts_cover_the_new_folders(breach: Path, contract: str) -> None:
    """A breach is seen by the contract meant for it, which nobody edited."""
    done = subprocess.run(
        [f"{sys.prefix}/bin/lint-imports", "--no-cache"],
        cwd=breach,
        env=environment(breach),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]

    assert done.returncode == 1
    assert any(contract in line for line in broken), done.stdout
