"""Log lines and the thread that writes them."""

from __future__ import annotations

import threading

import pytest

from gateway.observe.log_writer import LogWriter


class Reader:
    """Takes what is written, once *gate* is open."""

    def __init__(self) -> None:
        self.read = b""
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()

    def write(self, data: bytes) -> int:
        self.reached.set()
        self.gate.wait(10)
        self.read += data
        return len(data)


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
        assert lines.lost == 7
        reader.gate.set()

    assert reader.read == b"first\n0\n1\n2\ndropped 7\n"


class Disk:
    """Takes *room* bytes and then fails, until there is room again."""

    def __init__(self, room: int, error: type[Exception] = OSError) -> None:
        self.read = b""
        self.room = room
        self.error = error
        self.failed = threading.Event()

    def write(self, data: bytes) -> int:
        taken = data[: self.room]
        if not taken:
            self.failed.set()
            raise self.error
        self.room -= len(taken)
        self.read += taken
        return len(taken)


@pytest.mark.parametrize("error", [BrokenPipeError, OSError, ValueError])
def test_a_reader_that_left_stops_nobody(error: type[Exception]) -> None:
    """A broken pipe or a closed stream loses lines, not the process; they are counted, and later ones tried again."""
    gone = Disk(0, error)

    with LogWriter(gone, dropped) as lines:
        lines.put(b"lost\n")
        assert gone.failed.wait(10)
        gone.room = 1_000
        lines.put(b"kept\n")

    assert lines.lost == 1
    assert gone.read == b"kept\ndropped 1\n"


@pytest.mark.parametrize("room", range(25))
def test_full_disk_mangles_no_line(room: int) -> None:
    """Wherever in a line it was full, that line is ended first when there is room again; the lost ones are told."""
    disk = Disk(room)

    with LogWriter(disk, dropped) as lines:
        for number in range(3):
            lines.put(b"line %d\n" % number)
        assert room >= 21 or disk.failed.wait(10)
        disk.room = 1_000
        lines.put(b"after\n")

    written = disk.read.split(b"\n")
    whole = [line for line in written if line.startswith(b"line")]
    told = [b"dropped %d" % lines.lost] if lines.lost else []
    assert whole == [b"line 0", b"line 1", b"line 2"][: len(whole)]
    assert written == [*whole, b"after", *told, b""]
    assert len(whole) + lines.lost == 3


def test_line_about_lost_lines_is_told_again_where_it_was_lost_itself() -> None:
    """Nobody is told of fewer than were lost."""
    disk = Disk(0)

    with LogWriter(disk, dropped) as lines:
        for number in range(3):
            disk.failed.clear()
            lines.put(b"line %d\n" % number)
            assert disk.failed.wait(10)
        disk.room = 1_000
        lines.put(b"after\n")

    assert disk.read == b"after\ndropped 3\n"


@pytest.mark.parametrize("full", [None, BlockingIOError])
def test_sink_that_does_not_block_is_waited_for(full: type[Exception] | None) -> None:
    """A full pipe that others have made so loses nothing while it is read."""

    class Pipe(Reader):
        turns = 0

        def write(self, data: bytes) -> int | None:  # type: ignore[override]  # as a raw file
            Pipe.turns += 1
            if Pipe.turns % 2:
                if full is not None:
                    raise full
                return None
            return super().write(data[:5])

    pipe = Pipe()
    with LogWriter(pipe, dropped) as lines:
        lines.put(b"first\n")
        assert pipe.reached.wait(10)
        lines.put(b"second\n")
        while len(pipe.read) < 13:
            pipe.reached.wait(0.01)

    assert (pipe.read, lines.lost) == (b"first\nsecond\n", 0)
