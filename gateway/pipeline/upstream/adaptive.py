"""Adapts the number of concurrent exchanges to the source's latency: additive increase, multiplicative decrease.

The smallest limit is 1, because an old SOAP service may bear only two calls. The largest is the configured limit, so
an arithmetic mistake never sends a source more than its owner granted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field

from gateway.core.settings import Frozen

Kind = Literal["answered", "dropped", "neutral"]
"""``dropped``: it failed or timed out; ``neutral``: an answer whose time says nothing (a caller's fault, no record)."""


class AimdSettings(Frozen):
    """How the limit moves, once in a window."""

    window_s: float = Field(default=1.0, gt=0, description="shortest window, in seconds")
    min_samples: int = Field(default=10, ge=1, description="exchanges that a window needs before it counts")
    tolerance: float = Field(
        default=1.5, gt=1, description="a window is bad when its mean latency exceeds the usual one by this factor"
    )
    drops: float = Field(default=0.1, gt=0, le=1, description="a window is bad when this share of its exchanges failed")
    backoff: float = Field(default=0.75, gt=0, lt=1, description="factor of the limit after a bad window")
    drift: float = Field(default=0.02, ge=0, lt=1, description="how fast the usual latency follows a slower source")


@dataclass(frozen=True, slots=True)
class Sample:
    """One exchange that ended: its duration, and how many were in flight at the same time."""

    seconds: float
    kind: Kind
    in_use: int


@dataclass(frozen=True, slots=True)
class Aimd:
    """The limit, the usual latency in seconds (0: not known yet), and the window that is being filled."""

    limit: int
    usual: float = 0.0
    since: float = 0.0
    answered: int = 0
    dropped: int = 0
    seconds: float = 0.0
    most_in_use: int = 0


def decide(aimd: Aimd, sample: Sample, now: float, settings: AimdSettings, most: int) -> tuple[Aimd, int]:
    """The state after *sample*, and the limit from now on, from 1 to *most*."""
    if sample.kind == "neutral":
        return aimd, aimd.limit
    filled = replace(
        aimd,
        since=now - sample.seconds if aimd.answered + aimd.dropped == 0 else aimd.since,
        answered=aimd.answered + (sample.kind == "answered"),
        dropped=aimd.dropped + (sample.kind == "dropped"),
        seconds=aimd.seconds + (sample.seconds if sample.kind == "answered" else 0.0),
        most_in_use=max(aimd.most_in_use, sample.in_use),
    )
    if filled.answered + filled.dropped < settings.min_samples or now - filled.since < settings.window_s:
        return filled, filled.limit
    moved = _moved(filled, settings, most)
    return moved, moved.limit


def _moved(full: Aimd, settings: AimdSettings, most: int) -> Aimd:
    mean = full.seconds / full.answered if full.answered else math.inf
    usual = full.usual or (mean if full.answered else 0.0)
    failing = full.dropped >= settings.drops * (full.answered + full.dropped)
    if failing or mean > settings.tolerance * usual:
        limit = max(1, math.floor(full.limit * settings.backoff))
    elif 2 * full.most_in_use >= full.limit:
        limit = min(most, full.limit + 1)
    else:
        # Nobody needs the places that there are, so nothing was learnt about more of them.
        limit = full.limit
    if full.answered:
        usual = mean if mean < usual else usual + (mean - usual) * settings.drift
    return Aimd(limit, usual)
