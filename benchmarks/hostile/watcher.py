"""``python -m benchmarks.hostile.watcher URL``: asks until its standard input ends, and prints what it saw as JSON."""

from __future__ import annotations

import http.client
import json
import select
import sys
import time
from urllib.parse import urlsplit

PACE_S = 0.002


def main() -> None:
    where = urlsplit(sys.argv[1])
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    longest, asked, failed = 0.0, 0, 0
    while not select.select([sys.stdin], [], [], PACE_S)[0]:
        began = time.perf_counter()
        try:
            connection.request("GET", where.path)
            connection.getresponse().read()
        except OSError:
            failed += 1
            connection.close()
        longest = max(longest, time.perf_counter() - began)
        asked += 1
    print(json.dumps({"longest_s": longest, "asked": asked, "failed": failed}))


if __name__ == "__main__":
    main()
