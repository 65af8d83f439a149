"""Checks the signature of a webhook (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, Final

TOLERANCE_S: Final = 300.0


class WrongSignature(Exception):
    """The message is not from the gateway, was changed on its way, or is an old one."""


def verify(
    body: bytes,
    headers: Mapping[str, str],
    *secrets: str,
    now: float | None = None,
    tolerance_s: float = TOLERANCE_S,
) -> dict[str, Any]:
    """The message in *body*: ``type``, ``timestamp`` and ``data``.

    A message comes again until it is answered with 2xx; its ``webhook-id`` is then the same.

    Args:
        body: The bytes as they came.
        headers: Of the request.
        *secrets: ``whsec_…``; one that fits is enough.
        now: Seconds since 1970; the machine's clock unless said.
        tolerance_s: How old the message may be, or from how far in the future.

    Raises:
        WrongSignature: Don't believe it; answer with 400.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message, sent = given["webhook-id"], int(given["webhook-timestamp"])
        signatures = given["webhook-signature"].split()
        keys = [base64.b64decode(secret.removeprefix("whsec_"), validate=True) for secret in secrets]
    except (KeyError, ValueError, binascii.Error):
        raise WrongSignature("a header is missing or malformed, or a secret is not whsec_ and base64") from None
    if abs((time.time() if now is None else now) - sent) > tolerance_s:
        raise WrongSignature("the message is too old, or from the future")
    signed = f"{message}.{sent}.".encode() + body
    for key in keys:
        right = "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
        if any(hmac.compare_digest(right.encode(), one.encode()) for one in signatures):
            found: dict[str, Any] = json.loads(body)
            return found
    raise WrongSignature("no signature fits")
