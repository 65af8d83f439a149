"""Finds the connectors, checks each against the rules, and matches them with the configuration.

Adding a folder under ``gateway/connectors/`` changes no other file.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import ValidationError

import gateway.connectors
from gateway.core.canonical import Page, personal_fields
from gateway.core.connector import Binding, Connector, Dialect
from gateway.core.inbound import SCOPE, PullPace
from gateway.core.operation import Operation
from gateway.core.settings import UpstreamSettings
from gateway.pipeline.deadline import MARGIN_S
from gateway.pipeline.operation.choose_upstream import slug_of
from gateway.pipeline.policies import UpstreamPolicies
from gateway.settings import (
    ConfigurationError,
    ConnectorSettings,
    Settings,
    explain_validation,
    nearest,
)
from gateway.settings.blocks import dereferenced, laid_over, validated
from gateway.settings.files import check_ends


@dataclass(frozen=True, slots=True)
class UpstreamPlan:
    """One configured upstream: its dialect, its address, and the policies around it."""

    connector: str
    name: str
    dialect: Dialect
    settings: UpstreamSettings
    policies: UpstreamPolicies

    @property
    def pace(self) -> PullPace | None:
        """How often it is asked for what it has for the province; None: never."""
        declared = self.dialect.inbound_pull
        return None if declared is None else declared.pace(self.settings)


@dataclass(frozen=True, slots=True)
class OperationPlan:
    """One operation of this deployment, with configuration's numbers, and the upstream that answers it.

    An operation whose path names the upstream has a plan for each.
    """

    connector: Connector
    operation: Operation[Any, Any]
    binding: Binding
    upstream: UpstreamPlan

    @property
    def system(self) -> str:
        """The system as lanes and messages name it: ``ministry_portals.health`` where the path names the upstream."""
        name = self.connector.name
        return name if self.operation.upstream_from is None else f"{name}.{slug_of(self.upstream.name)}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The connectors, upstreams and operations of a deployment; *not_offered*: those that no dialect of it answers."""

    connectors: tuple[Connector, ...]
    upstreams: tuple[UpstreamPlan, ...]
    operations: tuple[OperationPlan, ...]
    not_offered: tuple[str, ...]

    def by_operation(self) -> list[list[OperationPlan]]:
        """The operations, each with the plans of all upstreams that answer it."""
        found: dict[tuple[str, str], list[OperationPlan]] = {}
        for item in self.operations:
            found.setdefault((item.connector.name, item.operation.name), []).append(item)
        return list(found.values())


def connector_names() -> tuple[str, ...]:
    """The connectors in the package: every folder below ``gateway/connectors/``; none is imported."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(gateway.connectors.__path__) if module.ispkg))


def load_connector(name: str) -> Connector:
    """The connector in the folder *name*, checked against the rules.

    Raises:
        ConfigurationError: With the folder and the rule that it breaks.
    """
    where = f"gateway/connectors/{name}"
    try:
        folder = importlib.import_module(f"gateway.connectors.{name}")
    except ImportError as error:
        raise ConfigurationError(f"{where} could not be loaded: {error}") from error
    connector = getattr(folder, "CONNECTOR", None)
    if not isinstance(connector, Connector):
        raise ConfigurationError(f"{where}/__init__.py does not end in CONNECTOR = Connector(…)")
    if connector.name != name:
        raise ConfigurationError(
            f"the connector in {where} has the name {connector.name!r}; it must be the folder's name"
        )
    for breach in breaches(connector):
        raise ConfigurationError(f"connector {name}: {breach}")
    return connector


def scan() -> dict[str, Connector]:
    """Every connector in the package, by name; raises :class:`ConfigurationError` for one that breaks a rule."""
    return {name: load_connector(name) for name in connector_names()}


def breaches(connector: Connector) -> list[str]:
    """The rules that *connector* breaks, in words."""
    found = []
    names = [operation.name for operation in connector.operations]
    if len(set(names)) != len(names):
        found.append("two operations have the same name")
    for operation in connector.operations:
        found.extend(_breaches_of(operation, names))
    for dialect in connector.dialects:
        found.extend(
            f"dialect {dialect.name} answers {binding.operation.name}, which is not in operations"
            for binding in dialect.calls
            if binding.operation not in connector.operations
        )
        if dialect.adapter == "soap" and not dialect.wsdl:
            found.append(f"dialect {dialect.name} uses SOAP and does not name its pinned WSDL")
        try:
            UpstreamPolicies.model_validate(dialect.defaults)
        except ValidationError as error:
            found.append(explain_validation(error, UpstreamPolicies, f"dialect {dialect.name}: defaults"))
    return found


def _breaches_of(operation: Operation[Any, Any], names: Sequence[str]) -> list[str]:
    found = []
    where = f"operation {operation.name}"
    fields = {info.alias or name for name, info in operation.query.model_fields.items()}
    if missing := set(operation.subject) - fields:
        found.append(f"{where}: its subject has {', '.join(sorted(missing))}, which its query does not have")
    if missing := set(operation.path_fields()) - fields:
        found.append(f"{where}: its path has {', '.join(sorted(missing))}, which its query does not have")
    if operation.purpose_from is not None and operation.purpose_from not in fields:
        found.append(f"{where}: its dossier is in {operation.purpose_from}, which its query does not have")
    if operation.upstream_from is not None and operation.upstream_from not in operation.path_fields():
        found.append(f"{where}: its upstream is named by {operation.upstream_from}, which its path does not have")
    if operation.goes_with is not None and operation.goes_with not in names:
        found.append(f"{where}: goes with {operation.goes_with}, which is not one of the operations")
    if operation.method == "DELETE" and (more := fields - set(operation.path_fields())):
        found.append(f"{where}: a DELETE has no body; remove {min(more)} from its query")
    personal = personal_fields(operation.query)
    if not operation.has_body() and personal:
        found.append(f"{where}: {personal[0]} is personal and would appear in a URL; use POST")
    elif shown := {f"/{name}" for name in operation.path_fields()} & {*personal}:
        found.append(f"{where}: {min(shown)} is personal and would appear in a URL; remove it from the path")
    if operation.versioned and not issubclass(operation.answer, Page):
        found.append(f"{where}: only a list is kept as versions; its answer is not a Page")
    if operation.effect == "write" and operation.fresh_s:
        found.append(f"{where}: a write must not be cached")
    return found


def plan(settings: Settings, connectors: Mapping[str, Connector] | None = None) -> Plan:
    """Matches configuration with code.

    Raises:
        ConfigurationError: One sentence that names the key to change.
    """
    present = tuple(connectors) if connectors is not None else connector_names()
    known: dict[str, Connector] = {}
    upstreams: list[UpstreamPlan] = []
    operations: list[OperationPlan] = []
    not_offered: list[str] = []
    for name, block in settings.connectors.items():
        if name not in present:
            raise ConfigurationError(
                f"unknown connector 'connectors.{name}'{nearest(name, present)}", rule="unknown-connector"
            )
        if not block.upstreams:
            raise ConfigurationError(f"connectors.{name}.upstreams is missing", rule="missing-key")
        connector = known[name] = connectors[name] if connectors is not None else load_connector(name)
        own = {key: _upstream(connector, key, raw, len(settings.callers)) for key, raw in block.upstreams.items()}
        upstreams.extend(own.values())
        for key in block.operations:
            if key not in {operation.name for operation in connector.operations}:
                names = [operation.name for operation in connector.operations]
                raise ConfigurationError(
                    f"unknown operation 'connectors.{name}.operations.{key}'{nearest(key, names)}",
                    rule="unknown-operation",
                )
        for operation in connector.operations:
            chosen = _chosen(connector, operation, own, block)
            if not chosen:
                not_offered.append(f"{name}.{operation.name}")
                continue
            tuned = _tuned(operation, block)
            _check_staleness(connector, tuned)
            for up in chosen:
                binding = next(b for b in up.dialect.calls if b.operation == operation)
                _check_deadline(connector, tuned, up)
                operations.append(OperationPlan(connector, tuned, binding, up))
    _check_scopes(settings, present, known)
    return Plan(tuple(known.values()), tuple(upstreams), tuple(operations), tuple(not_offered))


def _check_scopes(settings: Settings, present: Sequence[str], known: Mapping[str, Connector]) -> None:
    """Refuses a scope that could never give a right: a misspelt scope would lock its caller out without a message."""
    for caller, block in settings.callers.items():
        for index, scope in enumerate(block.scopes):
            where = f"callers.{caller}.scopes.{index}"
            plain = scope.removesuffix(":personal")
            name, _, operation = plain.partition(".")
            if plain in {"*", SCOPE}:
                continue
            if name not in present or not operation:
                raise ConfigurationError(
                    f"{where}: {scope!r} does not name a known connector{nearest(name, present)}", rule="unknown-scope"
                )
            names = ["*", *(op.name for op in known[name].operations)] if name in known else [operation]
            if operation not in names:
                raise ConfigurationError(
                    f"{where}: {scope!r} does not name a known operation{nearest(operation, names)}",
                    rule="unknown-scope",
                )


def _upstream(connector: Connector, name: str, raw: Mapping[str, Any], callers: int) -> UpstreamPlan:
    where = f"connectors.{connector.name}.upstreams.{name}"
    dialects = {dialect.name: dialect for dialect in connector.dialects}
    spoken = raw.get("dialect")
    if spoken is None and name in dialects:
        spoken = name
    if spoken is None:
        raise ConfigurationError(
            f"{where}.dialect is missing; known: {', '.join(sorted(dialects))}", rule="unknown-dialect"
        )
    if spoken not in dialects:
        raise ConfigurationError(
            f"{where}.dialect: {spoken!r} is not a dialect of {connector.name}{nearest(str(spoken), dialects)}",
            rule="unknown-dialect",
        )
    dialect = dialects[spoken]
    policy_keys = UpstreamPolicies.model_fields.keys()
    address_keys = dialect.settings.model_fields.keys()
    for key in raw:
        if key != "dialect" and key not in policy_keys and key not in address_keys:
            raise ConfigurationError(
                f"unknown key '{where}.{key}'{nearest(key, {*policy_keys, *address_keys, 'dialect'})}",
                rule="unknown-key",
            )
    address = {key: value for key, value in raw.items() if key in address_keys}
    said = laid_over(dialect.defaults, {key: value for key, value in raw.items() if key in policy_keys})
    settings = validated(dialect.settings, dereferenced(dialect.settings, address, where), where)
    _check_road(settings, where)
    if settings.ca_file is not None:
        check_authorities(settings.ca_file, f"{where}.ca_file")
    policies = validated(UpstreamPolicies, said, where).shared_by(callers)
    return UpstreamPlan(connector.name, name, dialect, settings, policies)


_NEEDED: Final = {
    "lgsp": ("token", "(url, access_key, secret_key)"),
    "xroad": ("xroad", "(client, service)"),
    "xrdadapter": ("xrdadapter", "(dstcode)"),
}
"""The block that each road needs, and the keys that the block needs."""


def _check_road(settings: UpstreamSettings, where: str) -> None:
    if settings.road in _NEEDED and getattr(settings, _NEEDED[settings.road][0]) is None:
        block, keys = _NEEDED[settings.road]
        article = "an" if block.startswith("x") else "a"
        raise ConfigurationError(
            f"{where}: road {settings.road} needs {article} {block} block {keys}", rule="road-incomplete"
        )
    for block in ("xroad", "xrdadapter"):
        if block != settings.road and getattr(settings, block) is not None:
            raise ConfigurationError(
                f"{where}.{block} is used only by road {block}; the road is {settings.road}", rule="road-incomplete"
            )


def check_authorities(file: str, where: str) -> None:
    """Refuses a file of authorities that can't be used; *where* is its key.

    Raises:
        ConfigurationError: It says why.
    """
    try:
        check_ends(file)
        ssl.create_default_context(cafile=file)
    except OSError as error:  # ssl.SSLError is one
        raise ConfigurationError(
            f"{where}: {file} could not be read as PEM certificates ({error.strerror})", rule="unreadable-authorities"
        ) from None


_IN_ADDRESSES: Final = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


def _chosen(
    connector: Connector, operation: Operation[Any, Any], own: Mapping[str, UpstreamPlan], block: ConnectorSettings
) -> list[UpstreamPlan]:
    """The upstreams that answer *operation*: one, or all that can where the path names the one that is asked."""
    if operation.upstream_from is None:
        one = _choose(connector, operation, own, block)
        return [] if one is None else [one]
    if operation.name in block.operations and block.operations[operation.name].upstream is not None:
        raise ConfigurationError(
            f"connectors.{connector.name}.operations.{operation.name}.upstream must be removed: the path of each "
            f"request names its {operation.upstream_from}"
        )
    slugs: dict[str, str] = {}
    for name in own:
        where = f"connectors.{connector.name}.upstreams.{name}"
        if not _IN_ADDRESSES.fullmatch(name):
            raise ConfigurationError(f"{where}: the name is part of addresses; use a-z, 0-9, and - or _ between them")
        if (other := slugs.setdefault(slug_of(name), name)) != name:
            raise ConfigurationError(f"{where} and {other} are the same name in addresses; rename one of them")
    return [up for up in own.values() if any(binding.operation == operation for binding in up.dialect.calls)]


def _choose(
    connector: Connector, operation: Operation[Any, Any], own: Mapping[str, UpstreamPlan], block: ConnectorSettings
) -> UpstreamPlan | None:
    able = {name: up for name, up in own.items() if any(binding.operation == operation for binding in up.dialect.calls)}
    wanted = block.operations[operation.name].upstream if operation.name in block.operations else None
    where = f"connectors.{connector.name}.operations.{operation.name}.upstream"
    if wanted is not None:
        if wanted not in able:
            raise ConfigurationError(
                f"{where}: the upstream {wanted!r} does not offer this operation{nearest(wanted, able)}",
                rule="not-offered-there",
            )
        return able[wanted]
    if operation.goes_with is not None:
        leader = next(one for one in connector.operations if one.name == operation.goes_with)
        chosen = _choose(connector, leader, own, block)
        return chosen if chosen in able.values() else None
    if len(able) > 1:
        raise ConfigurationError(
            f"{where} is missing: {' and '.join(able)} both offer the operation; name one of them",
            rule="two-upstreams-offer",
        )
    return next(iter(able.values()), None)


def _tuned(operation: Operation[Any, Any], block: ConnectorSettings) -> Operation[Any, Any]:
    if operation.name not in block.operations:
        return operation
    return replace(operation, **block.operations[operation.name].model_dump(exclude_none=True, exclude={"upstream"}))


def _check_deadline(connector: Connector, operation: Operation[Any, Any], upstream: UpstreamPlan) -> None:
    if upstream.policies.attempt_timeout_s + MARGIN_S > operation.deadline_s:
        raise ConfigurationError(
            f"deadline-cannot-fit: connectors.{connector.name}.upstreams.{upstream.name}.attempt_timeout_s "
            f"({upstream.policies.attempt_timeout_s:g} s) does not fit in "
            f"connectors.{connector.name}.operations.{operation.name}.deadline_s ({operation.deadline_s:g} s)",
            rule="deadline-cannot-fit",
        )


def _check_staleness(connector: Connector, operation: Operation[Any, Any]) -> None:
    where = f"connectors.{connector.name}.operations.{operation.name}"
    if operation.never_stale:
        for key in ("swr_s", "soft_timeout_s", "stale_s"):
            if getattr(operation, key):
                raise ConfigurationError(
                    f"never-stale: {where}.{key} must stay 0: an old answer is never shown for this operation",
                    rule="never-stale",
                )
    if operation.soft_timeout_s and not operation.stale_s:
        raise ConfigurationError(
            f"soft-timeout-without-stale: {where}.soft_timeout_s needs stale_s: without it there is no older answer",
            rule="soft-timeout-without-stale",
        )
