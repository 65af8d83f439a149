"""Log lines and the thread that writes them."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from gateway.observe.log_writer import LogWriter


class Reader:
    """Takes what is written, once *gate* is open."""

    def __init__(self) -> None:
        self.read = b""
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()

    def write(self, data: bytes) -> None:
        self.reached.set()
        self.gate.wait(10)
        self.read += data

    def flush(self) -> None:
        return


def dropped(number: int) -> bytes:
    return b"dropped %d\n" % number


def test_every_line_is_written_in_order_before_the_end() -> None:
    """Leaving the context writes all that waits."""
    reader = Reader()

    with LogWriter(reader, dropped) as lines:
        for number in range(1000):
            lines.put(b"%d\n" % number)

    assert [str(number).encode() for number in range(1000)] == reader.read.split()


def test_lines_of_many_threads_stay_whole() -> None:
    """Nothing is lost or torn where threads log at once."""
    reader = Reader()

    with LogWriter(reader, dropped) as lines:
        threads = [threading.Thread(target=lambda: [lines.put(b"abcdefgh\n") for _ in range(500)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert reader.read == b"abcdefgh\n" * 2000


def test_a_reader_that_stands_still_costs_lines_and_says_how_many() -> None:
    """The writer never waits: what does not fit is dropped, counted, and told when there is room again."""
    reader = Reader()
    reader.gate.clear()

    with LogWriter(reader, dropped, most=3) as lines:
        lines.put(b"first\n")
        assert reader.reached.wait(10)
        for number in range(10):
            lines.put(b"%d\n" % number)
        assert lines.dropped == 7
        reader.gate.set()

    assert reader.read == b"first\n0\n1\n2\ndropped 7\n"


@pytest.mark.parametrize("error", [BrokenPipeError, ValueError])
def test_a_reader_that_left_stops_nobody(error: type[Exception]) -> None:
    """A broken pipe or a closed stream loses lines, not the process; later lines are tried again."""
    reader = Reader()
    failed = threading.Event()

    class Gone(Reader):
        def write(self, data: bytes) -> None:
            if not failed.is_set():
                failed.set()
                raise error
            reader.write(data)

    with LogWriter(Gone(), dropped) as lines, suppress(OSError):
        lines.put(b"lost\n")
        assert failed.wait(10)
        lines.put(b"kept\n")

    assert reader.read == b"kept\n"
