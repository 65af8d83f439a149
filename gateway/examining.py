"""Looks at a whole configuration without starting anything: all that is wrong, and all that is lax about the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from gateway.adapters.errors import BundleError
from gateway.lint import Laxity, laxities
from gateway.registry import Plan, check_authorities, plan
from gateway.settings import CallerSettings, ConfigurationError, ConnectorSettings, Finding, Settings
from gateway.settings.salvage import salvaged
from gateway.upstreams import CONTRACTS

_ABOUT: Final = {"no-store": "store", "keys-of-one-process": "store", "no-privacy-key": "privacy"}
"""The key at the top that a warning without a place is about."""

_NOBODY: Final[Mapping[str, CallerSettings]] = {}


@dataclass(frozen=True, slots=True)
class Examined:
    """All that is *wrong* and *lax*; the *settings* and the *plan* are of what is right, None where nothing is."""

    wrong: list[Finding] = field(default_factory=list)
    lax: list[Laxity] = field(default_factory=list)
    settings: Settings | None = None
    plan: Plan | None = None


def examined(file: Path, now: datetime, workers: int = 1) -> Examined:
    """The deployment of *file* as it would be at *now*, served by so many *workers*."""
    salvage = salvaged(file)
    if (settings := salvage.settings) is None:
        return Examined(salvage.wrong)
    of_systems, fitting = _systems(settings)
    left_out = salvage.left_out | ({"connectors"} if of_systems else set())
    right = settings.model_copy(update={"connectors": fitting})
    wrong = [*salvage.wrong, *of_systems]
    if of_scopes := _scopes(right):
        right = right.model_copy(update={"callers": {}})
        left_out.add("callers")
    planned = plan(right)
    wrong += [*of_scopes, *_of_the_whole(right, planned)]
    lax = [one for one in laxities(right, planned, file, now, workers) if _about(one) not in left_out]
    return Examined(wrong, lax, right, planned)


def _about(lax: Laxity) -> str:
    return _ABOUT.get(lax.rule, lax.where.partition(".")[0])


def _systems(settings: Settings) -> tuple[list[Finding], dict[str, ConnectorSettings]]:
    """A finding for each upstream that can't be used and for each connector whose upstreams do not fit it; and the
    connectors without what is wrong.
    """
    found: dict[Finding, None] = {}
    fitting: dict[str, ConnectorSettings] = {}
    for name, block in settings.connectors.items():
        good = {}
        for key, raw in block.upstreams.items():
            alone = block.model_copy(update={"upstreams": {key: raw}, "operations": {}})
            if (wrong := _wrong_with(settings, {name: alone})) is None:
                good[key] = raw
            else:
                found[wrong] = None
        whole = _wrong_with(settings, {name: block}) if len(good) == len(block.upstreams) else None
        if whole is not None:
            found[whole] = None
        if (part := _that_fits(settings, name, block.model_copy(update={"upstreams": good}))) is not None:
            fitting[name] = part
    return list(found), fitting


def _that_fits(settings: Settings, name: str, block: ConnectorSettings) -> ConnectorSettings | None:
    """*block*, or as much of it as can be planned."""
    tries = [block, block.model_copy(update={"operations": {}})]
    tries += [tries[1].model_copy(update={"upstreams": {key: raw}}) for key, raw in block.upstreams.items()]
    return next((one for one in tries if one.upstreams and _wrong_with(settings, {name: one}) is None), None)


def _wrong_with(
    settings: Settings, connectors: Mapping[str, ConnectorSettings], callers: Mapping[str, CallerSettings] = _NOBODY
) -> Finding | None:
    """The first thing that is wrong with *connectors* and *callers*."""
    try:
        plan(settings.model_copy(update={"connectors": connectors, "callers": callers}))
    except ConfigurationError as error:
        return Finding(error.rule, str(error))
    return None


def _scopes(settings: Settings) -> list[Finding]:
    """A finding for each scope that could never give a right."""
    found = []
    for name, caller in settings.callers.items():
        for index, scope in enumerate(caller.scopes):
            alone = caller.model_copy(update={"scopes": [*["*"] * index, scope]})
            if (wrong := _wrong_with(settings, settings.connectors, {name: alone})) is not None:
                found.append(wrong)
    return found


def _of_the_whole(settings: Settings, planned: Plan) -> Iterator[Finding]:
    """Finds the mistakes that a start would refuse beyond the plan, without opening anything."""
    checks: list[Callable[[], object]] = [lambda: _contracts(settings, planned)]
    checks += [partial(check_authorities, file, key) for key, file in settings.more_authorities()]
    if settings.store is not None:
        checks += _of_the_store(settings, planned)
    for check in checks:
        try:
            check()
        except ConfigurationError as error:
            yield Finding(error.rule, str(error))
        except BundleError as error:
            yield Finding("contract-changed", str(error))


def _of_the_store(settings: Settings, planned: Plan) -> Iterator[Callable[[], object]]:
    from gateway.durable.store import StoreError  # PostgreSQL's client is loaded only where there is a store
    from gateway.inbound import check_keys
    from gateway.orders import check_lease
    from gateway.stores import store_of

    assert settings.store is not None
    lease_s = settings.store.lease_s
    yield lambda: check_lease(lease_s, planned, hooked=bool(settings.webhooks))
    if settings.inbound.listen is not None and not settings.inbound.listen.is_loopback:
        yield lambda: check_keys(settings)

    def made() -> None:
        try:
            store_of(settings)
        except StoreError as error:
            raise ConfigurationError(str(error), rule="published-key") from None

    yield made


def _contracts(settings: Settings, planned: Plan) -> None:
    pinned = {up.dialect.wsdl for up in planned.upstreams if up.dialect.adapter == "soap" and up.dialect.wsdl}
    if pinned:
        from gateway.adapters.soap.bundle import read_bundle  # zeep is loaded only where SOAP is spoken

        for wsdl in sorted(pinned):
            read_bundle((Path(settings.contracts) if settings.contracts else CONTRACTS) / wsdl)
