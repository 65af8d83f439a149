"""Signatures of webhooks in the form of Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA256, ``v1``."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"
SHORTEST: Final = 24
LONGEST: Final = 64


def secret_key(text: str) -> bytes:
    """The key in a secret ``whsec_`` and base64; raises :class:`ValueError` for any other text."""
    if not text.startswith(PREFIX):
        raise ValueError("a webhook's secret begins with whsec_, and base64 of 24 to 64 bytes follows")
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError("after whsec_ a webhook's secret has base64 of 24 to 64 random bytes")
    return key


def headers(keys: Sequence[bytes], message: str, seconds: int, body: bytes) -> dict[str, str]:
    """The three headers of a message: its id, the time of this try, and a signature for each of *keys*."""
    signed = b"%b.%d.%b" % (message.encode(), seconds, body)
    signatures = (base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
