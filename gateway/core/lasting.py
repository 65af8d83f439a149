"""Loops beside the requests that an error of our own does not end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from pathlib import PurePath
from typing import Any, Final

from gateway.core.clock import Clock

PAUSE_S: Final = 1.0
"""Between an error and the next beginning."""
log = logging.getLogger("gateway.lasting")


def lasting(run: Callable[[], Coroutine[Any, Any, None]], clock: Clock, name: str) -> asyncio.Task[None]:
    """A task that does *run* until it returns or is cancelled; where an error ends it, it is logged and begun anew."""
    return asyncio.create_task(_last(run, clock, name), name=name)


async def _last(run: Callable[[], Coroutine[Any, Any, None]], clock: Clock, name: str) -> None:
    while True:
        try:
            await run()
        except Exception as error:  # noqa: BLE001  # a bug at one thing must not end the work for all
            facts = facts_of(error)
            log.error("a loop broke and begins anew: %s, %s at %s", name, facts["error"], facts["where"])  # noqa: TRY400  # no values
            await clock.sleep(PAUSE_S)
        else:
            return


def facts_of(error: BaseException) -> dict[str, str]:
    """The kind of *error* and the line that raised it, for the log; its text may hold what it was about."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    where = "" if last is None else f"{PurePath(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}"
    return {"error": type(error).__name__, "where": where}
