"""Upstreams of both dialects that answer what a test says, and the contract's samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import pytest

from gateway.connectors.social_insurance.ngsp import NGSP
from gateway.connectors.social_insurance.vss import VSS
from gateway.connectors.social_insurance.vss.login import VssSettings
from gateway.core.settings import UpstreamSettings
from gateway.core.upstream import Officer
from gateway.testing import FakeUpstream
from tests.support.laptop import ROOT

SAMPLES: Final = ROOT / "contracts" / "social_insurance" / "samples"
Saying: TypeAlias = Callable[..., FakeUpstream[Any]]


@pytest.fixture
def sample() -> Callable[[str], Any]:
    """A sample of the contract by its name without ``.json``."""
    return lambda name: json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def ngsp() -> Saying:
    """Makes an ``ngsp`` upstream that answers each national call with a body."""
    settings = UpstreamSettings(url="https://api.province.test")
    return lambda **bodies: FakeUpstream(NGSP, settings, bodies)


@pytest.fixture
def vss() -> Saying:
    """Makes a ``vss`` upstream that answers with a body, asked by an officer unless said otherwise."""
    settings = VssSettings(url="https://egw.test", username="87999_LGSP", password="secret")
    officer = Officer("Trần Thị Minh Kiểm", "087190999001")
    return lambda body, officer=officer: FakeUpstream(VSS, settings, [body], officer=officer)
