"""``lgsp keys create``."""

from __future__ import annotations

import hashlib
import re
import secrets

from gateway.cli.errors import USAGE, fail


def create(name: str) -> None:
    """Prints a key ``lgsp_<id>_<secret>`` with 256 random bits, and its configuration."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,40}", name):
        fail("a caller's name may contain only lower-case letters, digits and hyphens", USAGE)
    key = f"lgsp_{name}_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    print(f"# give this key to the caller; it is not shown again:\n#   {key}")
    print(f"callers:\n  {name}:\n    key_sha256: {digest}\n    scopes: [business_registry.enterprise]")
