"""The pinned contract: whole, approved, and the only thing that is ever loaded."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Final

import pytest

from gateway.adapters.errors import BundleError
from gateway.adapters.soap.bundle import LOCK, client_of, read_bundle
from tests.support.laptop import ROOT

SHIPPED: Final = ROOT / "contracts" / "legal_documents"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A copy of the shipped bundle; its WSDL."""
    for name in ("ws.wsdl", "ws.xsd", LOCK):
        shutil.copy(SHIPPED / name, tmp_path)
    return tmp_path / "ws.wsdl"


def approve(wsdl: Path, *names: str) -> None:
    """Writes the lock anew, for these files."""
    hashes = {name: hashlib.sha256((wsdl.parent / name).read_bytes()).hexdigest() for name in names}
    (wsdl.parent / LOCK).write_text("".join(f"{digest}  {name}\n" for name, digest in hashes.items()), "ascii")


def load(wsdl: Path) -> object:
    """The client of *wsdl*."""
    return client_of(wsdl, read_bundle(wsdl))


def test_the_shipped_bundle_is_the_approved_one() -> None:
    """And zeep can use it."""
    assert set(read_bundle(SHIPPED / "ws.wsdl")) == {"ws.wsdl", "ws.xsd"}
    assert load(SHIPPED / "ws.wsdl") is not None


@pytest.mark.parametrize("name", ["ws.wsdl", "ws.xsd"])
def test_a_changed_file_is_refused_by_name(bundle: Path, name: str) -> None:
    """One byte is enough."""
    path = bundle.parent / name
    path.write_bytes(path.read_bytes() + b"\n")

    with pytest.raises(BundleError, match=f"{name} is not the file that was approved"):
        load(bundle)


def test_a_missing_file_is_refused_by_name(bundle: Path) -> None:
    """The lock says that it belongs to the bundle."""
    (bundle.parent / "ws.xsd").unlink()

    with pytest.raises(BundleError, match=r"ws\.xsd is locked and can't be read"):
        load(bundle)


def test_a_bundle_without_a_lock_is_refused(bundle: Path) -> None:
    """Nobody approved it."""
    (bundle.parent / LOCK).unlink()

    with pytest.raises(BundleError, match="can't be read"):
        load(bundle)


@pytest.mark.parametrize("line", ["nonsense", f"{'0' * 64}  ../ws.wsdl", f"{'0' * 64}  /etc/passwd"])
def test_a_lock_names_files_beside_it_only(bundle: Path, line: str) -> None:
    """No folder, no other form."""
    (bundle.parent / LOCK).write_text(f"{line}\n", "ascii")

    with pytest.raises(BundleError, match="sha256"):
        load(bundle)


def test_a_wsdl_that_is_not_locked_is_refused(bundle: Path) -> None:
    """However good its schemas."""
    approve(bundle, "ws.xsd")

    with pytest.raises(BundleError, match=r"does not name ws\.wsdl"):
        load(bundle)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/x.xsd",
        "https://ministry.example/x.xsd",
        "ftp://ministry.example/x.xsd",
        "file:///etc/passwd",
        "/etc/passwd",
        "../secret.xsd",
        "sub/ws.xsd",
        "not-locked.xsd",
    ],
)
def test_an_import_of_anything_outside_the_bundle_is_refused(bundle: Path, location: str) -> None:
    """Approved WSDL or not: nothing is fetched from the network, and no other file is read."""
    (bundle.parent / "not-locked.xsd").write_bytes((bundle.parent / "ws.xsd").read_bytes())
    bundle.write_text(bundle.read_text("utf-8").replace('"ws.xsd"', f'"{location}"'), "utf-8")
    approve(bundle, "ws.wsdl", "ws.xsd")

    with pytest.raises(BundleError):
        load(bundle)


def test_a_wsdl_with_a_doctype_is_refused(bundle: Path) -> None:
    """Approved by whoever did not look."""
    text = bundle.read_text("utf-8").replace("<wsdl:definitions", "<!DOCTYPE x><wsdl:definitions", 1)
    bundle.write_text(text, "utf-8")
    approve(bundle, "ws.wsdl", "ws.xsd")

    with pytest.raises(BundleError, match="DTDForbidden"):
        load(bundle)


def test_what_is_no_wsdl_is_refused(bundle: Path) -> None:
    """With the file's name."""
    bundle.write_text("<a/>", "utf-8")
    approve(bundle, "ws.wsdl")

    with pytest.raises(BundleError, match=r"ws\.wsdl"):
        load(bundle)
