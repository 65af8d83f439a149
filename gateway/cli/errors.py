"""A user's mistake is one sentence on standard error and an exit status."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from gateway.core.printable import printable

_NOT_WRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
FAILED = 1
USAGE = 2


def fail(sentence: str, status: int = FAILED) -> NoReturn:
    """Ends the command with *sentence*."""
    print(f"lgsp: {printable(sentence)}", file=sys.stderr)
    raise SystemExit(status)


def log_beside() -> None:
    """Log lines of a command go to standard error, beside its answer."""
    import structlog

    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


@contextmanager
def as_sentences() -> Iterator[None]:
    """Turns configuration errors, arguments that no text can hold, libraries that are not installed, a full disk behind
    standard output, and Ctrl-C into what a shell expects.
    """
    try:
        yield
        sys.stdout.flush()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        from gateway.settings import ConfigurationError, NotThereError

        if isinstance(error, ConfigurationError):
            fail(str(error), FAILED if isinstance(error, NotThereError) else USAGE)
        if isinstance(error, OSError) and error.errno in _NOT_WRITTEN and error.filename is None:
            sys.stdout = None  # what it still has would fail once more at the end
            fail(f"the answer could not be written whole ({error.strerror})")
        if isinstance(error, UnicodeEncodeError) and not all(map(_is_unicode, sys.argv)):
            fail("an argument is not UTF-8; give it in UTF-8", USAGE)
        if isinstance(error, ModuleNotFoundError) and error.name and not error.name.startswith("gateway"):
            fail(
                f"the Python package {error.name} is not installed: install requirements/runtime.lock again "
                "(`make demo` and `make test` do it)",
                USAGE,
            )
        raise


def _is_unicode(argument: str) -> bool:
    """Whether all its bytes were UTF-8; Python keeps another as half a character."""
    return not any("\ud800" <= char <= "\udfff" for char in argument)
