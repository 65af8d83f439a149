"""What a portal has is the same as what was sent, whatever the way in which it writes it, and nothing else is."""

from __future__ import annotations

import unicodedata

import pytest

from gateway.connectors.public_service_portal.ngsp.wire import WireDossier
from gateway.dossiers.comparison import has_all_of, same

ROW = {"TenTepDinhKem": "tờ khai.pdf", "SoLuong": 1}


@pytest.mark.parametrize(
    "theirs",
    [
        [ROW],
        ROW,
        [{**ROW, "SoLuong": "1"}],
        [{**ROW, "TenTepDinhKem": unicodedata.normalize("NFD", "tờ khai.pdf")}],
        [{**ROW, "KhongHoi": "more"}],
    ],
)
def test_row_is_the_same_alone_or_in_a_list(theirs: object) -> None:
    """An XML list of one row has no list, and JSON that is made from it neither; numbers come as texts."""
    assert same(theirs, [ROW])


@pytest.mark.parametrize("theirs", [[], None, "", [ROW, ROW], [{**ROW, "SoLuong": 2}], {"SoLuong": 1}, "tờ khai.pdf"])
def test_other_rows_are_not_the_same(theirs: object) -> None:
    """A dossier that lacks a file, or has another, is not the one that was sent."""
    assert not same(theirs, [ROW])


@pytest.mark.parametrize("theirs", [[], None, ""])
def test_no_rows_are_no_rows(theirs: object) -> None:
    """Nothing stands for an empty list."""
    assert same(theirs, [])


def test_field_that_the_portal_does_not_tell_proves_nothing() -> None:
    """Only what it gives is compared."""
    found = WireDossier.model_validate({"MaHoSo": "A", "TenTTHC": "Khai sinh"})

    assert has_all_of(found, {"MaHoSo": "A", "TenTTHC": "Khai sinh", "Email": "a@b.vn"})
    assert not has_all_of(found, {"MaHoSo": "A", "TenTTHC": "Khai tử"})
