"""Every error of zeep has a name of ours; aiohttp's are in ``test_errors.py`` of the adapters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import zeep.exceptions

from gateway.adapters.soap.errors import of_zeep_error
from gateway.core.problems import Failing, GatewayError, Internal, OffContract, Refused

UNNAMED = "The upstream's answer could not be read."


def family(kind: type[Exception]) -> Iterator[type[Exception]]:
    """*kind* and all its subclasses."""
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def made(kind: type[Exception]) -> Exception:
    """An instance without running its own constructor."""
    return kind.__new__(kind)


ZEEP = sorted(
    {
        kind
        for kind in family(zeep.exceptions.Error)
        if kind is not zeep.exceptions.Error and kind.__module__ == "zeep.exceptions"
    },
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", ZEEP)
def test_every_error_of_zeep_is_named(kind: type[zeep.exceptions.Error]) -> None:
    """One that falls through to the last line is new: decide what it means."""
    found = of_zeep_error(made(kind))  # type: ignore[arg-type]

    assert str(found) != UNNAMED, kind


@pytest.mark.parametrize(
    ("kind", "expected", "reason"),
    [
        (zeep.exceptions.DTDForbidden, OffContract, "forbidden_xml"),
        (zeep.exceptions.ExternalReferenceForbidden, OffContract, "forbidden_xml"),
        (zeep.exceptions.XMLParseError, OffContract, "malformed"),
        (zeep.exceptions.ValidationError, Internal, ""),
        (zeep.exceptions.Fault, Failing, "upstream_error"),
    ],
)
def test_an_error_of_zeep_means_what_it_says(
    kind: type[zeep.exceptions.Error], expected: type[GatewayError], reason: str
) -> None:
    """An answer's fault is theirs, a message that can't be built is ours."""
    found = of_zeep_error(made(kind))  # type: ignore[arg-type]

    assert (type(found), found.reason) == (expected, reason)
    assert not isinstance(found, Refused)
