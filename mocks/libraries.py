"""The libraries that only the mocks need; production installs the package without them."""

from __future__ import annotations

from importlib.util import find_spec

_ONLY_FOR_MOCKS = {"fpdf": "fpdf2"}


def missing_libraries() -> str | None:
    """Returns a sentence that says how to install the missing libraries, or None."""
    missing = [package for module, package in _ONLY_FOR_MOCKS.items() if find_spec(module) is None]
    if not missing:
        return None
    return (
        f"the mocks' library {', '.join(missing)} is not installed; install it with "
        'pip install "lgsp-gateway[mocks]", or in a checkout with make .venv/.mocks'
    )
