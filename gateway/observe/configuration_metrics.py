"""Metrics of the configuration: which one is in use, and how its changes went."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from prometheus_client import CollectorRegistry, Gauge, Info

from gateway.observe.collectors import Counts

ReloadResult: TypeAlias = Literal["applied", "unchanged", "refused"]
RESULTS: Final[tuple[ReloadResult, ...]] = ("applied", "unchanged", "refused")


class ConfigurationMetrics:
    """Told of each configuration that is taken or refused."""

    def __init__(self, fingerprint: str, registry: CollectorRegistry) -> None:
        self._info = Info("lgsp_config", "Fingerprint of the configuration.", registry=registry)
        self._info.info({"fingerprint": fingerprint})
        self._reloads = Counts("lgsp_config_reloads", "Reloads of the configuration by result.", ("result",), registry)
        self._reloads.born((result,) for result in RESULTS)
        self._refused = Gauge(
            "lgsp_config_refused",
            "1 while the configuration as it was read last is refused and the one before goes on.",
            registry=registry,
        )

    def reloaded(self, result: ReloadResult, fingerprint: str) -> None:
        """A reload ended; *fingerprint* is that of the configuration in use."""
        self._reloads.add((result,))
        self._refused.set(result == "refused")
        self._info.info({"fingerprint": fingerprint})
