"""Commands that start processes, and leave none of them behind when somebody ends them."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Final, NoReturn

INTERRUPTED: Final = 128 + signal.SIGINT
"""The status after Ctrl-C, as shells give it."""


def command(main: Callable[[], int]) -> NoReturn:
    """Exits with the status of *main*. SIGTERM, and the end of the terminal, are Ctrl-C to it: it ends what it started.

    After any of them the status is 130.
    """
    # A shell that starts a command in the background lets it ignore Ctrl-C, and asyncio would keep to that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
