"""The cheapest question about nobody that a system answers: asked at start and by ``lgsp doctor``, to see it answer."""

from __future__ import annotations

from typing import Final

from gateway.core.canonical import Canonical
from gateway.core.operation import Operation


class Nothing(Canonical):
    """A question, or an answer, without fields."""


PROBE: Final = Operation(
    name="probe",
    query=Nothing,
    answer=Nothing,
    path="",
    summary="Asks the cheapest question about nobody, to see whether the system answers",
    deadline_s=30.0,
)
"""Answered by the ``probe`` of a dialect; no portal asks it."""
