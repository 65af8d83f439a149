"""The UsernameToken of WS-Security, byte for byte as the profile has it."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

from lxml import etree

from gateway.adapters.soap.security import with_token
from gateway.core.message import UsernameToken

ENVELOPE = (
    b"<?xml version='1.0' encoding='utf-8'?>\n"
    b'<soap-env:Envelope xmlns:soap-env="http://www.w3.org/2003/05/soap-envelope"><soap-env:Body><a/></soap-env:Body>'
    b"</soap-env:Envelope>"
)
NOW = datetime(2026, 11, 24, 3, 0, 0, 123456, tzinfo=UTC)
NONCE = bytes(range(16))


def test_digest_is_of_nonce_instant_and_password() -> None:
    """UsernameToken Profile 1.1.1, section 3.1; the password itself is nowhere."""
    message = with_token(ENVELOPE, UsernameToken("a&b", "s3cret"), NOW, NONCE)
    root = etree.fromstring(message)

    assert [etree.QName(part).localname for part in root] == ["Header", "Body"]
    said = {etree.QName(leaf).localname: leaf.text for leaf in root[0].iter() if leaf.text}
    assert said["Username"] == "a&b"
    assert said["Created"] == "2026-11-24T03:00:00.123Z"
    assert base64.b64decode(said["Nonce"] or "") == NONCE
    wanted = hashlib.sha1(NONCE + b"2026-11-24T03:00:00.123Z" + b"s3cret", usedforsecurity=False).digest()
    assert base64.b64decode(said["Password"] or "") == wanted
    assert b"s3cret" not in message
    assert "s3cret" not in repr(UsernameToken("a", "s3cret"))
