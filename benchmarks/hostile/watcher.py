"""``python -m benchmarks.hostile.watcher URL PID``: asks until its standard input ends, and prints what it saw as JSON.

A stall is what a request took, without the time in which this client, or the main thread of the server, process PID,
could have run and had no core: other programs of the machine had it then. What the server's own other threads took is
no such time. ``seen_s`` is the longest request with all of it.
"""

from __future__ import annotations

import http.client
import json
import select
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PACE_S = 0.002


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the clocks stand."""

    at: float
    waited_here: float
    """How long this process has waited for a core."""
    waited_there: float
    """How long the main thread of the server has."""
    ran_main: float
    """Seconds on a core of the main thread of the server."""
    ran_all: float
    """Seconds on a core of all its threads."""

    @classmethod
    def now(cls, pid: int) -> Moment:
        _, here = schedstat("self")
        ran, there = schedstat(str(pid))
        return cls(time.perf_counter(), here, there, ran, time.clock_gettime((~pid << 3) | 2))

    def until(self, end: Moment) -> tuple[float, float]:
        """The stall between the two, and all the time between them."""
        other_threads = max(0.0, (end.ran_all - self.ran_all) - (end.ran_main - self.ran_main))
        there = max(0.0, end.waited_there - self.waited_there - other_threads)
        seen = end.at - self.at
        return max(0.0, seen - there - (end.waited_here - self.waited_here)), seen


def schedstat(process: str) -> tuple[float, float]:
    """Seconds that the main thread of *process* was on a core, and that it waited for one."""
    ran, waited, _ = Path(f"/proc/{process}/schedstat").read_text("ascii").split()
    return int(ran) / 1e9, int(waited) / 1e9


def main() -> None:
    where, pid = urlsplit(sys.argv[1]), int(sys.argv[2])
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    longest, longest_seen, asked, failed = 0.0, 0.0, 0, 0
    while not select.select([sys.stdin], [], [], PACE_S)[0]:
        began = Moment.now(pid)
        try:
            connection.request("GET", where.path)
            connection.getresponse().read()
        except OSError:
            failed += 1
            connection.close()
        stall, seen = began.until(Moment.now(pid))
        longest, longest_seen = max(longest, stall), max(longest_seen, seen)
        asked += 1
    print(json.dumps({"longest_s": longest, "seen_s": longest_seen, "asked": asked, "failed": failed}))


if __name__ == "__main__":
    main()
