"""The hashes that stand for people in the request log and in the record of who looked at whom."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core.place import own_place
from gateway.pipeline.operation.look_up import SubjectHash
from gateway.settings import Settings


def subject_hash(settings: Settings) -> SubjectHash:
    """By ``privacy.key``; without it by the store's key, and without a store by one of the life of this process and of
    the workers beside it.
    """
    return subject_hashes(settings)[0]


def subject_hashes(settings: Settings) -> Sequence[SubjectHash]:
    """All by which a person may have been hashed: the present one first, then those of earlier keys of the store."""
    place = own_place()
    secrets = [] if settings.privacy.key is None else [settings.privacy.key.get_secret_value()]
    if (block := settings.store) is not None:
        from gateway.stores import published_key  # PostgreSQL's client is loaded only where there is a store

        keys = (block.key, *block.previous_keys)
        secrets += [published_key(settings) if key is None else key.get_secret_value() for key in keys]
    if not secrets and place is not None:
        secrets = [place.secret]
    return [SubjectHash(secret) for secret in secrets] or [SubjectHash()]
