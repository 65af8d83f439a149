"""Says what is lax about a configuration that is valid, each with the id of its rule."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from pydantic import BaseModel, SecretStr

from gateway.registry import OperationPlan, Plan, UpstreamPlan
from gateway.settings import ConfigurationError, Settings
from gateway.settings.files import check_ends
from gateway.settings.listen import EVERYWHERE
from gateway.settings.loading import parsed, read_text
from gateway.settings.webhooks import is_loopback

_REPEATED: Final = re.compile(r"([0-9a-f]{1,8})\1+")
"""A hash that says one thing over and over was typed by hand: no key has it."""

SOON: Final = timedelta(days=30)
"""Before its end a certificate is warned of for so long: authorities take their time."""


class Laxity(NamedTuple):
    """One thing that is lax, by its rule; *where* is the key."""

    rule: str
    where: str
    says: str

    @property
    def text(self) -> str:
        """One sentence, with its place and its rule."""
        return f"{self.where}: {self.says} [{self.rule}]" if self.where else f"{self.says} [{self.rule}]"


def laxities(settings: Settings, planned: Plan, file: Path, now: datetime, workers: int = 1) -> list[Laxity]:
    """All that is lax at *now* about a deployment that so many *workers* serve, and about the files that it names."""
    return [
        *_keys(settings),
        *_ports(settings),
        *_pushes(settings),
        *_store(settings, planned),
        *forgotten_keys(settings, planned, workers),
        *_redis(settings),
        *_systems(planned),
        *_privacy(settings, planned),
        *_secret_files(file),
        *_certificates(settings, planned, now),
    ]


def is_order(item: OperationPlan) -> bool:
    """Whether *item* changes something at its source."""
    return item.operation.effect == "write"


def _keys(settings: Settings) -> Iterator[Laxity]:
    blocks: Mapping[str, Mapping[str, Any]] = {
        "callers": settings.callers,
        "ops.operators": settings.ops.operators,
        "inbound.callers": settings.inbound.callers,
    }
    for block, holders in blocks.items():
        for name, holder in holders.items():
            if _REPEATED.fullmatch(holder.key_sha256 or "-"):
                yield Laxity(
                    "placeholder-hash",
                    f"{block}.{name}.key_sha256",
                    "is the placeholder of an example, which no key has; make one with `lgsp keys create`",
                )
    if not settings.callers:
        yield Laxity("no-callers", "callers", "names nobody, so every question is refused; `lgsp keys create NAME`")
    for name, caller in settings.callers.items():
        if not caller.scopes:
            yield Laxity("no-scopes", f"callers.{name}", "has no scopes, so every question of it is refused")


def _ports(settings: Settings) -> Iterator[Laxity]:
    ops = settings.ops
    if ops.is_loopback:
        return
    if ops.host in EVERYWHERE:
        yield Laxity(
            "open-ops-port",
            "ops.host",
            f"is {ops.host}: whoever reaches this machine reaches the operator's port; name an inner address, or let "
            "a firewall or a NetworkPolicy keep it to the monitoring",
        )
    if not any("read" in operator.scopes for operator in ops.operators.values()):
        yield Laxity(
            "no-reader",
            "ops.operators",
            "no key reads /metrics: give ops.operators one with the scope read (`lgsp keys create NAME`)",
        )


def _pushes(settings: Settings) -> Iterator[Laxity]:
    inbound = settings.inbound
    if inbound.listen is None or inbound.listen.is_loopback:
        return
    for name, caller in inbound.callers.items():
        if not caller.networks:
            yield Laxity("open-inbound", f"inbound.callers.{name}", "may push from anywhere; give networks")
        if not caller.systems:
            yield Laxity("any-system", f"inbound.callers.{name}", "may push as any system; give systems")
    if inbound.public_url is None:
        yield Laxity(
            "no-public-url",
            "inbound.public_url",
            "is not set: links to results have no address that other systems reach",
        )


def _orders(planned: Plan) -> list[str]:
    return [f"{one.connector.name}.{one.operation.name}" for one, *_ in planned.by_operation() if is_order(one)]


def forgotten_keys(settings: Settings, planned: Plan, workers: int) -> Iterator[Laxity]:
    """That the same order, sent again with its Idempotency-Key, may meet a process that does not know the key: several
    *workers* here, or several gateways, and no store.
    """
    orders = _orders(planned)
    if settings.store is not None or not orders or (workers == 1 and settings.cache.redis is None):
        return
    processes = f"{workers} workers" if workers > 1 else "the gateways that share cache.redis"
    yield Laxity(
        "keys-of-one-process",
        "",
        f"no store for {processes}: each knows the Idempotency-Keys of its own orders alone, so one of "
        f"{', '.join(orders)} that is sent again may reach another process and be sent twice; give store.url and "
        "store.key, or serve orders with one process",
    )


def _store(settings: Settings, planned: Plan) -> Iterator[Laxity]:
    if settings.store is None:
        if orders := _orders(planned):
            yield Laxity(
                "no-store",
                "",
                f"no store: {', '.join(orders)} are sent within their requests, and a restart forgets their "
                "Idempotency-Keys and outcomes; give store.url and store.key",
            )
        for up in planned.upstreams:
            if up.pace is not None:
                yield Laxity(
                    "pull-without-store",
                    f"connectors.{up.connector}.upstreams.{up.name}.pull",
                    "is never done: what comes is kept in the store, and there is none; give store.url and store.key",
                )
    elif settings.store.url is not None:
        url = settings.store.url.get_secret_value()
        host = urlsplit(url).hostname or ""
        if host and not is_loopback(host) and not re.search(r"sslmode=(require|verify-ca|verify-full)", url):
            yield Laxity(
                "store-in-clear",
                "store.url",
                "does not ask PostgreSQL for TLS: add sslmode=verify-full and sslrootcert, unless the network between "
                "is yours alone",
            )


def _redis(settings: Settings) -> Iterator[Laxity]:
    block = settings.cache.redis
    if block is None:
        return
    parts = urlsplit(block.url)
    if parts.scheme == "redis" and not is_loopback(parts.hostname or ""):
        yield Laxity(
            "redis-in-clear",
            "cache.redis.url",
            "goes without TLS beyond this machine: use rediss://, unless the network between is yours alone",
        )
    if parts.scheme != "unix" and block.password is None and not is_loopback(parts.hostname or ""):
        yield Laxity("redis-without-password", "cache.redis.password", "is not set: whoever reaches it may empty it")


def _systems(planned: Plan) -> Iterator[Laxity]:
    for up in planned.upstreams:
        where = f"connectors.{up.connector}.upstreams.{up.name}"
        if up.settings.tls.strict is False:
            yield Laxity(
                "tls-not-strict",
                where,
                "tls.strict is off, so certificates that are not made as RFC 5280 demands are accepted; ask for a "
                "certificate of a current authority",
            )
        for key, url in _addresses(up):
            host = urlsplit(url).hostname or ""
            if url.startswith("http://") and not is_loopback(host):
                secret = next(_secrets(up.settings), None)
                what = "credentials and answers go" if secret else "answers come"
                yield Laxity("http-in-clear", f"{where}.{key}", f"is http://: {what} without TLS; use https://")


def _addresses(up: UpstreamPlan) -> Iterator[tuple[str, str]]:
    yield "url", up.settings.url
    if up.settings.token is not None:
        yield "token.url", up.settings.token.url


def _secrets(model: BaseModel) -> Iterator[SecretStr]:
    """The secrets that a model holds, at whatever depth."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, SecretStr):
            yield value
        elif isinstance(value, BaseModel):
            yield from _secrets(value)


def _privacy(settings: Settings, planned: Plan) -> Iterator[Laxity]:
    asked = any(item.operation.needs_purpose() for item in planned.operations)
    if settings.privacy.key is None and settings.store is None and asked:
        yield Laxity(
            "no-privacy-key",
            "",
            "privacy.key is not set, so the hashes of people in the request log change with each start; give it a "
            "secret by reference",
        )


def _secret_files(file: Path) -> Iterator[Laxity]:
    """Secret files that any user of the machine may read, or their folder others may write; published ones left out."""
    folder = file.resolve().parent
    named = sorted({(folder / name).resolve() for name in _references(_as_far_as_yaml(file))})
    for parent, paths in groupby(named, key=lambda path: path.parent):
        if parent.name == "credentials":
            continue  # those of the mock country, which everybody knows
        if parent.is_dir() and not stat.S_IMODE(parent.stat().st_mode) & stat.S_IXOTH:
            continue  # others do not get that far
        readable = [path.name for path in paths if path.is_file() and stat.S_IMODE(path.stat().st_mode) & stat.S_IROTH]
        if readable:
            yield Laxity(
                "readable-secret",
                str(parent),
                f"{', '.join(readable)} can be read by every user of this machine: chmod 0400, the folder 0700",
            )


def _certificates(settings: Settings, planned: Plan, now: datetime) -> Iterator[Laxity]:
    """Certificates in the files that the deployment names, which have ended or end soon."""
    for file, where in _certificate_files(settings, planned).items():
        try:
            check_ends(file)
            found = x509.load_pem_x509_certificates(Path(file).read_bytes())
        except (OSError, ValueError):
            continue  # the way for which it is wanted says so
        ends = sorted(one.not_valid_after_utc for one in found)
        gone = [end for end in ends if end <= now]
        soon = [end for end in ends if now < end <= now + SOON]
        of = "" if len(ends) == 1 else f" of {len(ends)} certificates the first"
        if gone:
            yield Laxity("expired-certificate", where, f"{file}:{of} ended on {gone[0]:%Y-%m-%d}; put in the new one")
        if soon:
            yield Laxity("expiring-certificate", where, f"{file}:{of} ends on {soon[0]:%Y-%m-%d}; put in the new one")


def _certificate_files(settings: Settings, planned: Plan) -> dict[str, str]:
    """The key that names each file of certificates first, by the file's path."""
    named = [
        (f"connectors.{up.connector}.upstreams.{up.name}.ca_file", up.settings.ca_file) for up in planned.upstreams
    ]
    named += [(f"webhooks.{name}.ca_file", webhook.ca_file) for name, webhook in settings.webhooks.items()]
    if settings.cache.redis is not None:
        named.append(("cache.redis.ca_file", settings.cache.redis.ca_file))
    if settings.store is not None and settings.store.url is not None:
        query = parse_qs(urlsplit(settings.store.url.get_secret_value()).query)
        named += [("store.url", file) for key in ("sslrootcert", "sslcert") for file in query.get(key, ())]
    found: dict[str, str] = {}
    for where, file in named:
        if file is not None:
            found.setdefault(file, where)
    return found


def _as_far_as_yaml(file: Path) -> object:
    try:
        return parsed(read_text(file), file)
    except ConfigurationError:
        return None  # which is said elsewhere


def _references(value: object) -> Iterable[str]:
    """The paths that *value* refers to as secrets."""
    if isinstance(value, str):
        return (value.removeprefix("file:"),) if value.startswith("file:") else ()
    if isinstance(value, Mapping):
        return [path for inner in value.values() for path in _references(inner)]
    if isinstance(value, list):
        return [path for inner in value for path in _references(inner)]
    return ()
