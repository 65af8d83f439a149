"""The gateway, telling nobody of anything: no metric is counted and no line is logged; else it is ``lgsp serve``."""

from __future__ import annotations

import sys

import gateway.app
from gateway.__main__ import main
from gateway.core.events import Event
from gateway.observe.event_buffer import EventBuffer


class Nobody(EventBuffer):
    """Takes events and forgets them."""

    def __call__(self, event: Event, /) -> None:
        """Nothing is kept."""

    def flush(self) -> None:
        """Nothing waits."""


if __name__ == "__main__":
    setattr(gateway.app, "EventBuffer", Nobody)  # noqa: B010  # the gateway has no such setting
    sys.exit(main())
