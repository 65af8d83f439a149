"""A source that says what a test puts into its mouth, judged as the gateway judges every source."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias, TypeVar

import pytest

from gateway.connectors.social_insurance.ngsp import NGSP
from gateway.connectors.social_insurance.operations import PARTICIPANT
from gateway.connectors.social_insurance.vss import VSS
from gateway.connectors.social_insurance.vss.login import VssSettings
from gateway.core.call import Call, Trace
from gateway.core.canonical import Wire
from gateway.core.clock import FakeClock
from gateway.core.connector import Dialect
from gateway.core.events import silence
from gateway.core.message import Exchange, Reply, Rest
from gateway.core.problems import Effect
from gateway.core.settings import UpstreamSettings
from gateway.core.upstream import Officer, UpstreamRequest
from gateway.pipeline.upstream.classify_reply import ClassifyReply
from tests.support.laptop import ROOT

SAMPLES: Final = ROOT / "contracts" / "social_insurance" / "samples"
W = TypeVar("W", bound=Wire)


@dataclass
class SayingUpstream:
    """An upstream of *dialect* that answers each national call with a body, HTTP 200."""

    dialect: Dialect
    settings: Any
    bodies: Mapping[str, object]
    officer: Officer | None = None
    asked: list[Rest] = field(default_factory=list)
    call: Call = field(
        default_factory=lambda: Call(
            connector="social_insurance",
            operation=PARTICIPANT,
            query=PARTICIPANT.query(insurance_number="9900000001"),
            caller="test",
            request_id="1",
            expires_at=10_000.0,
            trace=Trace(started=0.0),
        )
    )

    async def ask(
        self,
        exchange: Exchange,
        into: type[W],
        *,
        same: Callable[[W], bool] | None = None,
        effect: Effect | None = None,
    ) -> W | None:
        """As the gateway's own, with the judge of every upstream."""
        judge = ClassifyReply(
            self._send, self.dialect.classify, FakeClock(), silence, "social_insurance", self.dialect.name
        )
        found = await judge(UpstreamRequest(exchange, self.call, effect or "read", into, same))
        assert found is None or isinstance(found, into)
        return found

    async def _send(self, exchange: Exchange) -> Reply:
        """Notes the question and says what the test wants."""
        assert isinstance(exchange, Rest)
        self.asked.append(exchange)
        return Reply(200, {}, self.bodies[exchange.name])


Saying: TypeAlias = Callable[..., SayingUpstream]


@pytest.fixture
def sample() -> Callable[[str], Any]:
    """A sample of the contract by its name without ``.json``."""
    return lambda name: json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def ngsp() -> Saying:
    """Makes an ``ngsp`` upstream that answers each national call with a body."""
    settings = UpstreamSettings(url="https://api.province.test")
    return lambda **bodies: SayingUpstream(NGSP, settings, bodies)


@pytest.fixture
def vss() -> Saying:
    """Makes a ``vss`` upstream that answers with a body, asked by an officer unless said otherwise."""
    settings = VssSettings(url="https://egw.test", username="87999_LGSP", password="secret")
    officer = Officer("Trần Thị Minh Kiểm", "087190999001")
    return lambda body, officer=officer: SayingUpstream(VSS, settings, {"KQNhanLichSuKCB2024": body}, officer)
