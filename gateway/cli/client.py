"""Asks a running gateway over HTTP: the routes come from its own description."""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from gateway.cli.errors import USAGE, fail

_OPTIONS: Final = {"Authorization": "--key", "X-Dossier-Id": "--dossier", "X-User-Id": "--user"}


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer; *body* is parsed where it is JSON."""

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        return json.loads(self.body) if "json" in self.media_type else None


@dataclass(frozen=True)
class Client:
    """A gateway at *url*, asked with *key* for *dossier* by *user*."""

    url: str
    key: str
    dossier: str | None = None
    user: str | None = None
    variable: str = "LGSP_URL"
    """Of the environment: it has the address where the command line does not."""

    @cached_property
    def description(self) -> dict[str, Any]:
        answered = self.send("GET", "/openapi.json")
        found = answered.json if answered.ok else None
        if not isinstance(found, dict) or "paths" not in found:
            fail(f"the server at {self.url} is not an LGSP gateway; set LGSP_URL to a gateway")
        return found

    def route(self, operation: str) -> tuple[str, str, dict[str, Any]]:
        """Method, path template and description of *operation*; ends the command where there is none."""
        names = []
        for path, methods in self.description["paths"].items():
            for method, described in methods.items():
                if described["operationId"] == operation:
                    return method.upper(), path, described
                names.append(described["operationId"])
        from gateway.settings import nearest

        return fail(f"the gateway does not offer the operation {operation!r}{nearest(operation, names)}", USAGE)

    def ask(
        self,
        operation: str,
        path: Mapping[str, str],
        fields: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """Sends one request of *operation*; *fields* go to the query string or the body."""
        method, template, _ = self.route(operation)
        address = template
        for name, value in path.items():
            address = address.replace(f"{{{name}}}", urllib.parse.quote(value, safe=""))
        body = None
        if method in {"GET", "DELETE"}:
            address += f"?{urllib.parse.urlencode(fields)}" if fields else ""
        else:
            body = json.dumps(fields).encode()
        return self.send(method, address, body, headers or {})

    def send(
        self, method: str, address: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Sends one HTTP message; ends the command if there is no answer."""
        purpose = {"X-Dossier-Id": self.dossier, "X-User-Id": self.user, **(headers or {})}
        sent = {"Authorization": f"Bearer {self.key}", **{name: value for name, value in purpose.items() if value}}
        self._check(sent)
        if body is not None:
            sent["Content-Type"] = "application/json"
        try:
            request = urllib.request.Request(self.url.rstrip("/") + address, body, sent, method=method)  # noqa: S310  # the user's own gateway
            with urllib.request.urlopen(request, timeout=150) as reply:  # noqa: S310  # as above
                return Answered(reply.status, reply.headers.get_content_type(), self._whole(reply), dict(reply.headers))
        except urllib.error.HTTPError as error:
            return Answered(error.code, error.headers.get_content_type(), error.read(), dict(error.headers))
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            fail(
                f"the gateway at {self.url} does not answer ({reason}); "
                f"start one with `lgsp serve`, or set {self.variable}"
            )

    def _check(self, headers: Mapping[str, str]) -> None:
        """Ends the command, without a word of what may be secret, where the address or a header can't be sent."""
        if "@" in self.url.partition("//")[2].partition("/")[0]:
            fail(f"{self.variable} (--url) has a user or a password; leave it out, and give the key by --key", USAGE)
        for name, value in headers.items():
            if not (value.isascii() and value.isprintable()):
                option = _OPTIONS.get(name, name)
                fail(f"{option} has a character that can't be sent; use printable ASCII alone", USAGE)

    def _whole(self, reply: http.client.HTTPResponse) -> bytes:
        """The body; ends the command where it broke off, as a file does that its source did not send whole."""
        try:
            return reply.read()
        except (OSError, http.client.HTTPException):
            fail(
                f"the answer of the gateway at {self.url} broke off; what came is not the whole, so none of it is kept"
            )


def names_its_dossier(described: Mapping[str, Any]) -> bool:
    """Whether an operation, as described, needs a purpose and has the dossier among its own fields."""
    required = {one["name"]: one["required"] for one in described["parameters"] if one["in"] == "header"}
    return bool(required.get("X-User-Id")) and not required.get("X-Dossier-Id")


def path_of(template: str, values: Sequence[str]) -> dict[str, str]:
    """Path values by name, in the template's order; ends the command where their number differs."""
    names = [part[1:-1] for part in template.split("/") if part.startswith("{")]
    if len(names) != len(values):
        wanted = " ".join(name.upper() for name in names) or "none"
        fail(f"{template} takes {len(names)} path value(s) ({wanted}), {len(values)} given", USAGE)
    return dict(zip(names, values, strict=True))


def stdout_is_terminal() -> bool:
    return os.isatty(1)
