"""``python -m benchmarks.hostile.watcher URL PID``: asks until its standard input ends, and prints what it saw as JSON.

A stall is what a request took, without the time in which this client, or a thread of the server, process PID, could
have run and had no core: other programs of the machine had it then. It is never less than what the server itself ran
meanwhile. ``seen_s`` is the longest request with all of it.
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
    """Where the clocks stand, in seconds."""

    at: float
    ran: float
    """How long the server's threads have been on a core."""
    waited_here: float
    """How long this process has waited for a core."""
    waited_there: dict[str, float]
    """How long each thread of the server has."""

    @classmethod
    def now(cls, pid: int) -> Moment:
        there = {thread.name: waited(thread) for thread in Path(f"/proc/{pid}/task").iterdir()}
        return cls(time.perf_counter(), time.clock_gettime((~pid << 3) | 2), waited(Path("/proc/self")), there)

    def until(self, end: Moment) -> tuple[float, float]:
        """The stall between the two, and all the time between them."""
        there = sum(
            end.waited_there[name] - self.waited_there[name] for name in end.waited_there.keys() & self.waited_there
        )
        seen = end.at - self.at
        own = seen - there - (end.waited_here - self.waited_here)
        return min(seen, max(own, end.ran - self.ran)), seen


def waited(task: Path) -> float:
    """Seconds that a thread could have run and had no core; 0 where it has just ended."""
    try:
        return int((task / "schedstat").read_text("ascii").split()[1]) / 1e9
    except OSError:
        return 0.0


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
