"""Writes the text of a scrape: our own metrics keep the beginnings of their lines, and add the values.

prometheus_client's writer makes each line anew from a sample, which takes 40 ms for 8,600 series, in which the event
loop answers nobody. What is written here is what it would write, in both formats.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Final, Literal

from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry
from prometheus_client.utils import floatToGoString

Labels = tuple[str, ...]
_SHORT: Final = 1_000_000
"""Whole numbers below it are written in full."""
_END: Final = "# EOF\n"


class Family(Collector):
    """A metric that writes its own lines; *name* is that of its family, *labels* the names of its labels."""

    kind: ClassVar[Literal["counter", "gauge", "histogram"]]

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        self._name = name
        self._text = text
        self._labels = labels
        self._series = f"{name}_total" if self.kind == "counter" else name
        self._begun: dict[Labels, str] = {}

    @abstractmethod
    def samples(self) -> Iterable[str]:
        """A line for each series, with its value now."""

    def head(self, *, openmetrics: bool) -> str:
        """The lines before the series: the help and the kind."""
        name = self._name if openmetrics else self._series
        text = self._text.replace("\\", r"\\").replace("\n", r"\n")
        if openmetrics:
            text = text.replace('"', r"\"")
        return f"# HELP {name} {text}\n# TYPE {name} {self.kind}\n"

    def written(self, values: Mapping[Labels, float]) -> Iterable[str]:
        """A line for each of *values*."""
        begun = self._begun
        for labels, value in values.items():
            start = begun.get(labels)
            if start is None:
                start = begun[labels] = beginning(self._series, self._labels, labels)
            yield f"{start}{number(value)}\n"


def beginning(series: str, names: Sequence[str], values: Sequence[str]) -> str:
    """A line without its value; labels in the sequence of their names."""
    pairs = sorted(zip(names, values, strict=True))
    told = ",".join([f'{name}="{_escaped(value)}"' for name, value in pairs])
    return f"{series}{{{told}}} " if told else f"{series} "


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def number(value: float) -> str:
    """*value* as Go writes a float."""
    if type(value) is int and 0 <= value < _SHORT:
        return f"{value}.0"
    text: str = floatToGoString(value)  # type: ignore[no-untyped-call]  # the library has no annotation for it
    return text


class Registry(CollectorRegistry):
    """The metrics of one process, in the sequence in which they were registered."""

    def __init__(self) -> None:
        super().__init__()
        self._in_order: list[Collector] = []

    def register(self, collector: Collector) -> None:
        super().register(collector)
        self._in_order.append(collector)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All metrics in the format that *accept* asks for, and its content type."""
        encode, kind = choose_encoder(accept)
        openmetrics = kind.startswith("application/openmetrics-text")
        parts: list[str] = []
        for collector in self._in_order:
            if isinstance(collector, Family):
                parts.append(collector.head(openmetrics=openmetrics))
                parts.extend(collector.samples())
            else:
                parts.append(encode(collector).decode().removesuffix(_END))
        if openmetrics:
            parts.append(_END)
        return "".join(parts).encode(), kind
