"""``lgsp check``: whether a configuration is valid, what it opens and keeps, and what is lax about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from gateway.cli.describe import road_of
from gateway.cli.errors import FAILED, USAGE
from gateway.core.clock import SystemClock
from gateway.core.printable import printable
from gateway.core.settings import MIB
from gateway.descriptors import most_descriptors
from gateway.durable.settings import address_without_password
from gateway.examining import Examined, examined
from gateway.memory import most_bytes
from gateway.registry import Plan
from gateway.settings import Settings


def check(config: Path, *, strict: bool = False, as_json: bool = False, workers: int = 1) -> None:
    """Prints that the configuration is valid and what is lax about it, or ends with all that is wrong, and with what is
    lax about the rest; with *strict*, what is lax ends it with 1. *workers*: the processes that will serve it.
    """
    found = examined(config, SystemClock().now(), workers)
    if found.wrong:
        _refuse(found, as_json=as_json)
    assert found.settings is not None
    assert found.plan is not None
    told = list(facts(found.settings, found.plan))
    if as_json:
        warnings = [one._asdict() for one in found.lax]
        print(json.dumps({"valid": True, "facts": told, "warnings": warnings}, indent=2))
    else:
        planned = found.plan
        print(
            f"{config}: OK; {len(planned.connectors)} connectors, {len(planned.upstreams)} upstreams, "
            f"{len(planned.by_operation())} operations, {len(planned.not_offered)} not offered"
        )
        for line in (*told, *(f"warning: {one.text}" for one in found.lax)):
            print(f"  {printable(line)}")
    if found.lax and strict:
        raise SystemExit(FAILED)


def _refuse(found: Examined, *, as_json: bool) -> NoReturn:
    """Ends the command with all that was found."""
    if as_json:
        told = {"errors": [one._asdict() for one in found.wrong], "warnings": [one._asdict() for one in found.lax]}
        print(json.dumps({"valid": False, **told}, indent=2, ensure_ascii=False))
    else:
        for sentence in (*(one.text for one in found.wrong), *(f"warning: {one.text}" for one in found.lax)):
            print(f"lgsp: {printable(sentence)}", file=sys.stderr)
    raise SystemExit(USAGE)


def facts(settings: Settings, planned: Plan) -> Iterator[str]:
    """Says what the deployment offers, needs, opens, keeps, and by which roads it asks."""
    for name in planned.not_offered:
        yield f"not offered: {name} (none of the configured upstreams offers it)"
    yield f"memory: up to {most_bytes(settings, planned) // MIB} MiB; give the process no less"
    yield f"descriptors: up to {most_descriptors(settings, planned)}; give LimitNOFILE (ulimit -n) no less"
    yield from what_is_open(settings)
    if settings.store is not None:
        where = f"a PostgreSQL of its own in {settings.state_dir}"
        if settings.store.url is not None:
            where = "PostgreSQL at " + address_without_password(settings.store.url.get_secret_value())
        yield f"store: {where}, encrypted with {'the published key' if settings.store.key is None else 'store.key'}"
    for up in planned.upstreams:
        if up.settings.road in {"xroad", "xrdadapter"}:
            yield f"connectors.{up.connector}.upstreams.{up.name}: road {road_of(up)}"


def what_is_open(settings: Settings) -> Iterator[str]:
    """Says how far the ports can be reached, and what is answered without a key."""
    inbound, ops = settings.inbound, settings.ops
    if inbound.listen is not None:
        yield f"inbound: {inbound.listen.host}:{inbound.listen.port}, for {', '.join(inbound.callers)}"
    reach = "this machine only" if settings.listen.is_loopback else "every machine that reaches it"
    yield f"portals: {settings.listen.host}:{settings.listen.port}, {reach}; a caller's key for /v1, none for /docs"
    if ops.is_loopback:
        yield f"operators: {ops.host}:{ops.port}, this machine only; reading needs no key"
        return
    yield (
        f"operators: {ops.host}:{ops.port}, every machine that reaches it; /livez and /readyz need no key, "
        f"all else that of one of {len(ops.operators)} operators"
    )
