"""The mocks without their library, as after an installation from the production lock."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

pytest_plugins = ["pytester"]

#: A module that is None in `sys.modules` can't be found, as one that is not installed.
WITHOUT: Final = "import runpy, sys; sys.modules['fpdf'] = None; "
MOCKS: Final = WITHOUT + "runpy.run_module('mocks', run_name='__main__', alter_sys=True)"
SENTENCE: Final = 'the mocks\' library fpdf2 is not installed; install it with pip install "lgsp-gateway[mocks]"'


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`lgsp mocks` in a process that lacks the library."""
    return subprocess.run(
        [sys.executable, "-c", MOCKS, *arguments], capture_output=True, text=True, timeout=30, check=False
    )


def test_a_country_without_its_library_says_how_to_install_it() -> None:
    """In one sentence on standard error, with the status of a wrong installation, before anything is served."""
    done = started("--port", "0")

    assert done.returncode == 2
    assert done.stderr.startswith(f"lgsp mocks: {SENTENCE}")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_country_elsewhere_is_administered_without_the_library() -> None:
    """The library is for whoever serves: commands to a running country need none."""
    done = started("faults", "--help")

    assert done.returncode == 0, done.stderr


def test_tests_that_want_a_country_say_how_to_install_the_library(pytester: pytest.Pytester) -> None:
    """Each of them with that sentence and no traceback; the other tests of the project run."""
    lacking = pytester.makefile(
        "",
        python=f"""#!{sys.executable}
import runpy, sys
sys.modules["fpdf"] = None
sys.argv = sys.argv[sys.argv.index("gateway"):]
runpy.run_module("gateway", run_name="__main__")
""",
    )
    lacking.chmod(0o755)
    pytester.makeconftest(f"import sys\nsys.executable = {str(lacking)!r}\n")
    pytester.makepyfile("def test_country(mock_country): pass\ndef test_other(): pass")

    result = pytester.runpytest_subprocess("-q")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*" + SENTENCE.replace("[", "[[]") + "*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*plugin.py*")
