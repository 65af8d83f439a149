"""Builds from the configuration who may do what: officers, callers' keys, operators' keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.api.auth import KeyGrant, Keyring
from gateway.api.operators import Operator, OperatorAccess
from gateway.core.call import Call
from gateway.core.connector import Offer
from gateway.core.inbound import SCOPE
from gateway.core.upstream import Officer
from gateway.settings import Settings


def officers(settings: Settings) -> Callable[[Call], Officer | None]:
    """Finds the officer behind a call's ``X-User-Id``; the service officer where configuration allows it."""
    known = {
        name: Officer(entry.full_name.get_secret_value(), entry.citizen_id.get_secret_value())
        for name, entry in settings.officers.items()
    }
    service = known.get("service") if settings.service_officer else None

    def officer_of(call: Call) -> Officer | None:
        return known.get(call.purpose.user_id, service) if call.purpose else service

    return officer_of


def keyring(settings: Settings, offers: Sequence[Offer]) -> Keyring:
    """The accepted keys, with their rights over *offers*."""
    about_people = [offer.name for offer in offers if offer.operation.needs_purpose()]
    return Keyring(grants(settings), [*(offer.name for offer in offers), SCOPE], about_people, named=[SCOPE])


def grants(settings: Settings) -> list[KeyGrant]:
    """The accepted keys."""
    listed = None if settings.service_officer or not settings.officers else frozenset(settings.officers)
    return [
        KeyGrant(
            name,
            digest,
            caller.effective_scopes,
            listed if caller.officers is None else frozenset(caller.officers),
        )
        for name, caller in settings.callers.items()
        for digest in caller.digests
    ]


def operators(settings: Settings) -> OperatorAccess:
    """The rights on the operator's port; keys are asked for beyond loopback."""
    ops = settings.ops
    return OperatorAccess(
        {
            digest: Operator(name, frozenset(one.scopes))
            for name, one in ops.operators.items()
            for digest in one.digests
        },
        frozenset(name.lower() for name in ops.hosts),
        keys_asked=not ops.is_loopback,
    )
