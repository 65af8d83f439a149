"""An exception for each code of the gateway's problems."""

from __future__ import annotations

import inspect

from gateway.api.problems import every_error
from gateway.core.problems import GatewayError
from generator.text import camel, docstring, module


def problems_module() -> str:
    """A class for each code of the gateway's problems."""
    errors: dict[str, type[GatewayError]] = {}
    for error in every_error():
        name = camel(error.code.replace("-", "_"))
        if error.__name__ == name or (error.code not in errors and "code" in vars(error)):
            errors[error.code] = error
    bases = {"caller": "CallerError", "upstream": "UpstreamError", "gateway": "GatewayError"}
    ordered = [errors[code] for code in sorted(errors)]
    classes = "\n\n\n".join(
        f"class {camel(e.code.replace('-', '_'))}({bases[e.fault]}):\n"
        f"{docstring(f'{e.status}: {inspect.cleandoc(e.__doc__ or e.code)}', 4)}\n\n    code = {e.code!r}"
        for e in ordered
    )
    table = ", ".join(f"{e.code!r}: {camel(e.code.replace('-', '_'))}" for e in ordered)
    imports = ["from collections.abc import Mapping", "from typing import Final",
               "from lgsp_client.errors import CallerError, GatewayError, ProblemError, UpstreamError"]  # fmt: skip
    return module("Problems: one class for each code of the gateway.", imports, classes,
                  f"BY_CODE: Final[Mapping[str, type[ProblemError]]] = {{{table}}}")  # fmt: skip
