"""``lgsp demo --story issuance``: one application from 202 over a supplement to the certificate, in seconds."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, Final

from gateway.cli.client import Answered, Client
from gateway.cli.errors import fail
from gateway.cli.hook import Hook
from gateway.core.printable import printable

PATH: Final = "/v1/criminal-records/applications"
PATIENCE_S: Final = 40.0
AGAIN_S: Final = 0.25


@dataclass(slots=True)
class Story:
    """The story of one application; *say* prints a line."""

    client: Client
    mocks: str
    say: Callable[[str], None]
    hook: Hook
    began: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        """Tells it; a chapter that does not end ends the command with its reason."""
        body = self._sample()
        code = body["dossier_code"]
        self.client = replace(self.client, dossier=code)
        self._mocks("PUT", "/__mock/applications/plan", {"dossier": code, "course": "supplement"})
        self._line(f"apply {code}", self._post(PATH, body, "apply"))
        self._until(code, "received", days=0)
        self._until(code, "supplement_requested", days=1)
        self._line("supplement", self._post(f"{PATH}/{code}/supplement", body, "supplement"))
        self._until(code, "issued", days=1)
        self._certificate(code)
        self._told(code)
        self.say("")
        for entry in self._application(code)["history"]:
            note = f"  ({entry['note']})" if entry.get("note") else ""
            self.say(f"  {entry['at'][:16].replace('T', ' ')}  {entry['state']}{note}")

    def _sample(self) -> dict[str, Any]:
        samples = json.loads(self._mocks("GET", "/__mock/samples"))
        body: dict[str, Any] = dict(samples["criminal_records.apply"][0]["body"])
        # A store that was told the story before has the code of that time.
        return {**body, "dossier_code": f"000.00.04.H58-{time.strftime('%y%m%d')}-{int(time.time()) % 10_000:04d}"}

    def _post(self, path: str, body: Mapping[str, object], key: str) -> Answered:
        headers = {"Idempotency-Key": f"story-{key}-{time.time_ns()}"}
        answered = self.client.send("POST", path, json.dumps(body).encode(), headers)
        if not answered.ok:
            fail(f"{key}: {answered.status} {printable(answered.body.decode(errors='replace')[:300])}")
        return answered

    def _application(self, code: str) -> dict[str, Any]:
        answered = self.client.send("GET", f"{PATH}/{code}")
        found: dict[str, Any] = answered.json["data"] if answered.ok else {}
        return found

    def _until(self, code: str, state: str, *, days: int) -> None:
        """Waits for *state*; *days* of the country pass each second and a half."""
        end = time.monotonic() + PATIENCE_S
        moved = 0.0
        while time.monotonic() < end:
            if days and time.monotonic() - moved > 1.5:  # the gateway follows the clock each second
                self._mocks("POST", "/__mock/clock", {"advance": f"P{days}D"})
                moved = time.monotonic()
            found = self._application(code)
            if found.get("state") == state:
                more = f": {found['supplement_request']}" if found.get("supplement_request") else ""
                self._say(f"{state}{printable(more)}")
                return
            time.sleep(AGAIN_S)
        fail(f"the application did not become {state} within {PATIENCE_S:.0f} s")

    def _certificate(self, code: str) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answered = self.client.send("GET", f"{PATH}/{code}/certificate")
            if answered.ok:
                from pypdf import PdfReader  # loaded when there is a file to open

                pages = len(PdfReader(BytesIO(answered.body)).pages)
                self._say(f"certificate: {answered.media_type}, {len(answered.body)} bytes, opens with {pages} page(s)")
                return
            time.sleep(AGAIN_S)
        fail(f"there was no certificate within {PATIENCE_S:.0f} s")

    def _told(self, code: str) -> None:
        """Waits until the portal's own server was told of the certificate."""
        if self.hook.wait_for("criminal_records.certificate", code, PATIENCE_S) is None:
            fail(f"the webhook was not told of the certificate within {PATIENCE_S:.0f} s")
        if self.hook.wrong:
            fail(f"{self.hook.wrong} messages of the webhook were not signed as they should be")
        kinds = [one["type"].partition(".")[2] for one in self.hook.told.values()]
        self._say(f"webhook: {len(kinds)} signed messages ({', '.join(map(printable, kinds))})")

    def _line(self, what: str, answered: Answered) -> None:
        self._say(f"{what}: {answered.status} {answered.json['data']['state']}")

    def _say(self, text: str) -> None:
        self.say(f"{time.monotonic() - self.began:5.1f} s  {text}")

    def _mocks(self, method: str, path: str, body: Mapping[str, object] | None = None) -> bytes:
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  # our own mocks
            self.mocks + path, sent, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310  # as above
            found: bytes = reply.read()
            return found
