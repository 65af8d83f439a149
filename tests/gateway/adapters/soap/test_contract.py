"""A SOAP contract that is prepared once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.adapters.errors import BundleError
from gateway.adapters.soap.bundle import LOCK
from gateway.adapters.soap.contract import load_contract
from tests.gateway.adapters.soap.test_bundle import SHIPPED, approve


@pytest.fixture
def wsdl(tmp_path: Path) -> Path:
    """A copy of the shipped bundle; its WSDL."""
    for name in ("ws.wsdl", "ws.xsd", LOCK):
        shutil.copy(SHIPPED / name, tmp_path)
    return tmp_path / "ws.wsdl"


def test_a_reload_with_the_same_files_has_the_same_contract(wsdl: Path) -> None:
    """It is not read again, though the files are held against their lock each time."""
    first = load_contract(wsdl)
    assert load_contract(wsdl) is first
    wsdl.write_bytes(wsdl.read_bytes() + b"\n")

    with pytest.raises(BundleError, match="not the file that was approved"):
        load_contract(wsdl)


def test_a_new_version_that_was_approved_is_another_contract(wsdl: Path) -> None:
    """And the one before it is unchanged for those that still use it."""
    first = load_contract(wsdl)
    wsdl.write_bytes(wsdl.read_bytes().replace(b":ws:1/TimKiemVanBan", b":ws:2/TimKiemVanBan"))
    approve(wsdl, "ws.wsdl", "ws.xsd")
    second = load_contract(wsdl)

    actions = [one.operations["TimKiemVanBan"].headers["SOAPAction"] for one in (first, second)]
    assert [action.rpartition(":ws:")[2] for action in actions] == ['1/TimKiemVanBan"', '2/TimKiemVanBan"']
