"""A portal's server for a story: it is told of events by a webhook, and checks each message by itself."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gateway.core.standard_webhooks import headers, secret_key

LONGEST = 64 * 1024


@dataclass(slots=True)
class Hook:
    """The messages that came, by their ids; a message that comes again has the same id."""

    url: str
    variables: dict[str, str]
    """For the gateway that tells it."""
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrong: int = 0
    """Messages that were not signed as they should be."""
    came: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, kind: str, key: str, seconds: float) -> dict[str, Any] | None:
        """The message of *kind* about *key*; None where it does not come within *seconds*."""

        def found() -> dict[str, Any] | None:
            told = (one for one in list(self.told.values()) if one["type"] == kind and one["data"]["key"] == key)
            return next(told, None)

        with self.came:
            return self.came.wait_for(found, seconds)


@contextmanager
def hooked() -> Iterator[Hook]:
    """A server on a free port of this machine, until left."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    key = secret_key(secret)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(min(LONGEST, int(self.headers.get("Content-Length") or 0)))
            name, at = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "")
            right = headers([key], name, int(at), body)["webhook-signature"] if at.isdigit() else None
            signed = right is not None and hmac.compare_digest(right, self.headers.get("webhook-signature", ""))
            with hook.came:
                hook.wrong += not signed
                hook.told[name] = json.loads(body)
                hook.came.notify_all()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    block = "LGSP_WEBHOOKS__STORY__"
    url = f"http://127.0.0.1:{server.server_port}/hook"
    variables = {
        f"{block}URL": url,
        f"{block}SECRET": "env:STORY_SECRET",
        f"{block}ALLOW_PRIVATE": "true",
        "STORY_SECRET": secret,
    }
    hook = Hook(url, variables)
    thread = threading.Thread(target=server.serve_forever, name="webhook of the story", daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
