"""The pinned contract of a SOAP service: a WSDL with its schemas, hash-checked, and nothing else is ever loaded.

``contracts/<system>/bundle.sha256`` (the form of ``sha256sum``) names each file with its hash. zeep reads through
:class:`BundleTransport`, which answers for these files alone: an ``xsd:import`` of an http, ftp or file address, of
an absolute path or of a file outside the bundle is refused, whoever wrote it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import zeep
import zeep.exceptions
from lxml import etree

from gateway.adapters.errors import BundleError

LOCK: Final = "bundle.sha256"
_ROOT: Final = "file:///bundle/"
"""Where zeep believes the bundle to lie, so that it makes relative references absolute in a way that can be checked."""
_LINE: Final = re.compile(r"^([0-9a-f]{64}) [ *]([A-Za-z0-9._-]+)$")


def read_bundle(wsdl: Path) -> dict[str, bytes]:
    """The files beside *wsdl* that its lock names, by name. Blocks: call it in a thread.

    Raises:
        BundleError: When the lock or a file is missing, when a hash differs, or when *wsdl* is not locked.
    """
    lock = wsdl.parent / LOCK
    try:
        lines = lock.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BundleError(f"{lock} can't be read: pin the contract with sha256sum") from None
    files: dict[str, bytes] = {}
    for line in filter(None, map(str.strip, lines)):
        match = _LINE.match(line)
        if match is None:
            raise BundleError(f"{lock} has a line that is not '<sha256>  <file name>'")
        expected, name = match.groups()
        try:
            content = (wsdl.parent / name).read_bytes()
        except OSError:
            raise BundleError(f"{wsdl.parent / name} is locked and can't be read: restore it") from None
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), expected):
            raise BundleError(
                f"{wsdl.parent / name} is not the file that was approved: restore it, or approve it in {LOCK}"
            )
        files[name] = content
    if wsdl.name not in files:
        raise BundleError(f"{lock} does not name {wsdl.name}: approve it there")
    return files


class BundleTransport:
    """Gives zeep the files of one bundle.

    It is not one of zeep's transports: those hold an HTTP client, and all that zeep may call here is :meth:`load`.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def load(self, url: str) -> bytes:
        """The file of the bundle that *url* names.

        Raises:
            BundleError: For anything else: another scheme, a folder, a file that is not locked.
        """
        content = self._files.get(url.removeprefix(_ROOT)) if url.startswith(_ROOT) else None
        if content is None:
            raise BundleError("the contract refers to a document outside its bundle, which is never loaded")
        return content


def client_of(wsdl: Path, files: Mapping[str, bytes]) -> zeep.Client:
    """A zeep client of the pinned *wsdl*, one of the *files* of its bundle. Blocks for some 20 ms: call it in a thread.

    Raises:
        BundleError: When it refers to anything outside the bundle, or is not a WSDL that zeep can use.
    """
    transport = BundleTransport(files)
    settings = zeep.Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        found = zeep.Client(_ROOT + wsdl.name, transport=transport, settings=settings)  # type: ignore[no-untyped-call]
    except (zeep.exceptions.Error, etree.LxmlError, ValueError, KeyError, NotImplementedError) as error:
        raise BundleError(f"{wsdl} is not a WSDL that can be used ({type(error).__name__})") from error
    if not any(service.ports for service in found.wsdl.services.values()):
        raise BundleError(f"{wsdl} is not a WSDL that can be used: it has no service with a SOAP port")
    return found
