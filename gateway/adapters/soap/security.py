"""WS-Security: the UsernameToken that a message carries in its header, with a digest in place of the password.

OASIS Web Services Security UsernameToken Profile 1.1.1, section 3.1: the digest is Base64(SHA-1(nonce + created +
password)). Nonce and instant are new in each message, so they are made when it is sent and never when it is planned.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import Final

from gateway.adapters.soap.writer import escaped
from gateway.core.message import UsernameToken

_WSS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_WSSE: Final = f"{_WSS}-wssecurity-secext-1.0.xsd"
_WSU: Final = f"{_WSS}-wssecurity-utility-1.0.xsd"
_DIGEST: Final = f"{_WSS}-username-token-profile-1.0#PasswordDigest"
_BASE64: Final = f"{_WSS}-soap-message-security-1.0#Base64Binary"
_BODY: Final = b"<soap-env:Body"
NONCE_BYTES: Final = 16


def with_token(message: bytes, token: UsernameToken, now: datetime, nonce: bytes) -> bytes:
    """*message*, an envelope without a header, with *token* in its header."""
    start, body, rest = message.partition(_BODY)
    return b"".join((start, _header(token, now, nonce), body, rest))


def _header(token: UsernameToken, now: datetime, nonce: bytes) -> bytes:
    created = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    # SHA-1 is what the profile has; the nonce keeps the digest from being used again.
    digest = hashlib.sha1(nonce + created.encode() + token.password.encode(), usedforsecurity=False).digest()
    return (
        f'<soap-env:Header><wsse:Security xmlns:wsse="{_WSSE}" xmlns:wsu="{_WSU}" soap-env:mustUnderstand="1">'
        f"<wsse:UsernameToken><wsse:Username>{escaped(token.username)}</wsse:Username>"
        f'<wsse:Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</wsse:Password>'
        f'<wsse:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</wsse:Nonce>'
        f"<wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security></soap-env:Header>"
    ).encode()
