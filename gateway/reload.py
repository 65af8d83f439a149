"""Changes the configuration of a running gateway: read whole, built beside the present one, put in its place at once;
one that is refused changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from gateway.api.ops_reload import Refusal, ReloadApi, Reloaded
from gateway.configuration_file import ConfigurationFile, Loaded
from gateway.core.clock import Clock
from gateway.core.events import CredentialsRefused, Event
from gateway.core.reloads import CHANGED_FILE, REFUSED_CREDENTIALS, ReloadListener
from gateway.generation import Generation, Generations
from gateway.observe.metrics import Metrics
from gateway.settings import ConfigurationError, Settings, fingerprint

LOOK_S: Final = 1.0
"""Between two looks at the files. A change is taken at the second look that finds the same, so that nobody's half
written file is read: within two seconds and the time of a reload.
"""
REFUSED_REST_S: Final = 1.0
"""Between two looks because an upstream refused credentials."""
NEEDS_RESTART: Final = (
    "listen",
    "ops.host",
    "ops.port",
    "ops.connections",
    "ops.silent_connections",
    "inbound.listen",
    "state_dir",
    "contracts",
    "store",
    "cache.redis",
    "cache.jitter",
    "log.format",
    "traces",
    "clock",
    "privacy",
)
"""Keys that are read at start alone: sockets, stores, and what the hashes and the log of this process are made by."""
log = structlog.get_logger("gateway.reload")


class Reloader:
    """Reloads by :class:`gateway.configuration_file.ConfigurationFile`, one at a time.

    Args:
        generations: The configuration in use.
        file: Where it is read; None: nowhere, for a gateway that was made from values.
        loaded: What was read for the configuration in use.
        metrics: Told of each reload.
        clock: Paces the looks at the files.
        api: Gets this reloader.
        above: Told of each reload.
    """

    def __init__(
        self,
        generations: Generations,
        file: ConfigurationFile | None,
        metrics: Metrics,
        clock: Clock,
        api: ReloadApi,
        above: ReloadListener,
    ) -> None:
        self._generations = generations
        self._file = file
        self._metrics = metrics
        self._clock = clock
        self._api = api
        self._above = above
        self._lock = asyncio.Lock()
        self._in_use: Mapping[str, bytes] = {} if file is None else file.seen
        self._doubt = asyncio.Event()
        self._rests_until = 0.0
        self.refusal: Refusal | None = None
        api.reloading = self

    @property
    def can_reload(self) -> bool:
        """Whether there is a file to read again."""
        return self._file is not None

    def receive(self, events: Sequence[Event], /) -> None:
        """Looks at the files at once where an upstream refuses the gateway's credentials: they may be new there."""
        if any(isinstance(event, CredentialsRefused) for event in events):
            self._doubt.set()

    async def reload(self, trigger: str, **told: str) -> Reloaded:
        """Reads, builds and swaps, or refuses; *trigger* and *told* go into the log.

        Two at once are done one after the other.
        """
        async with self._lock:
            self._above.begun(self._clock.monotonic())
            done = await self._reloaded()
            self._above.ended(trigger, "" if done.refusal is None else done.refusal.rule)
        self.refusal = done.refusal
        self._metrics.configuration.reloaded(done.result, done.fingerprint)
        facts = {"trigger": trigger, **told, "fingerprint": done.fingerprint}
        if done.refusal is not None:
            log.error(
                "configuration refused: the one before goes on", rule=done.refusal.rule, why=done.refusal.why, **facts
            )
        elif done.result == "applied":
            log.info("configuration reloaded", changed=done.changed, **facts)
        else:
            log.info("configuration read again: nothing has changed", **facts)
        return done

    async def _reloaded(self) -> Reloaded:
        assert self._file is not None, "see can_reload"
        before = self._generations.current
        was = fingerprint(before.settings)
        try:
            loaded: Loaded = await asyncio.to_thread(self._file.read)
            if is_same(loaded.settings, before.settings) and self._file.seen == self._in_use:
                return Reloaded("unchanged", was)
            check_left(loaded.settings)
            check_fixed(before.settings, loaded.settings)
            fresh = await self._generations.build(loaded.settings, loaded.plan, self._api)
        except ConfigurationError as error:
            return Reloaded("refused", was, refusal=Refusal(error.rule, str(error)))
        except Exception as error:  # a bug of ours must not end a gateway that works
            log.exception("the new configuration could not be built")
            return Reloaded("refused", was, refusal=Refusal("internal", f"an error in the gateway: {error!r}"))
        self._generations.swap(fresh)
        self._in_use = self._file.seen
        return Reloaded("applied", fingerprint(fresh.settings), changes(before, fresh))

    async def watch(self) -> None:
        """Reloads when a file has changed, until cancelled."""
        if self._file is None:
            return
        pending: Mapping[str, bytes] | None = None
        while True:
            doubted = await self._next_look()
            try:
                found = await asyncio.to_thread(self._file.digests)
            except OSError:  # one look that fails must not be the last
                log.exception("the files of the configuration could not be looked at")
                continue
            if found == self._file.seen:
                pending = None
            elif doubted or found == pending:
                pending = None
                await self.reload(REFUSED_CREDENTIALS if doubted else CHANGED_FILE)
            else:
                pending = found

    async def _next_look(self) -> bool:
        """Waits for the next look; whether it comes because credentials were refused."""
        due = self._clock.monotonic() + LOOK_S
        try:
            async with self._clock.timeout_at(due):
                await self._doubt.wait()
        except TimeoutError:
            return False
        self._doubt.clear()
        now = self._clock.monotonic()
        if now < self._rests_until:
            await self._clock.sleep(due - now)
            return False
        self._rests_until = now + REFUSED_REST_S
        return True


def is_same(one: Settings, other: Settings) -> bool:
    """Whether both say the same, secrets among it, whatever they were read from."""
    return all(getattr(one, name) == getattr(other, name) for name in type(one).model_fields)


def check_left(after: Settings) -> None:
    """Refuses a configuration that would answer nobody: a file that was cut off must not end all service.

    Raises:
        ConfigurationError: It has no connectors or no callers.
    """
    missing = [name for name in ("connectors", "callers") if not getattr(after, name)]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(missing)}: none are left; a gateway without any is started so, and never reloaded to it",
            rule="empty-configuration",
        )


def check_fixed(before: Settings, after: Settings) -> None:
    """Refuses a change of what is read at start alone.

    Raises:
        ConfigurationError: With the names of all such keys that differ.
    """
    found = [key for key in NEEDS_RESTART if value_at(before, key) != value_at(after, key)]
    if bool(before.webhooks) != bool(after.webhooks):
        found.append("webhooks (the first, or the last)")
    if found:
        raise ConfigurationError(
            f"{', '.join(found)}: can't change without a restart; undo the change, or restart the gateway",
            rule="needs-restart",
        )


def value_at(settings: Settings, key: str) -> object:
    """The value of a dotted *key*."""
    found: object = settings
    for part in key.split("."):
        found = getattr(found, part)
    return found


def changes(before: Generation, after: Generation) -> tuple[str, ...]:
    """The keys that differ, by their names, and the upstreams whose secrets or authorities do."""
    found = []
    for name in type(after.settings).model_fields:
        old, new = getattr(before.settings, name), getattr(after.settings, name)
        if old == new:
            continue
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += [f"{name}.{key}" for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        else:
            found.append(name)
    ways = after.ways.by_upstream
    for names, way in before.ways.by_upstream.items():
        if names in ways and not way.leads_by(ways[names].plan, ways[names].trust):
            found.append(f"connectors.{names[0]}.upstreams.{names[1]}")
    return tuple(found)
