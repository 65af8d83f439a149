"""The store that a configuration names, for the gateway and for ``lgsp store``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.durable.store import Store, StoreError, make_store
from gateway.settings import Settings

CONTRACTS: Final = Path(__file__).resolve().parents[1] / "contracts"


def store_of(settings: Settings) -> Store:
    """The store of a deployment, to be opened.

    Raises:
        StoreError: The configuration names none, or its key is the published one where others reach the gateway.
    """
    block = settings.store
    if block is None:
        raise StoreError("store: this configuration names none; say `store: embedded` or give store.url and store.key")
    key, published = keys_of(settings)[0], published_key(settings)
    if key == published and not settings.listen.is_loopback:
        raise StoreError("store.key: the published key is for a gateway on loopback; give a key of your own")
    return make_store(block, key, Path(settings.state_dir))


def keys_of(settings: Settings) -> list[str]:
    """The keys of a deployment with a store, the same in every gateway: the first seals, all open."""
    assert settings.store is not None, "asked only where there is one"
    own = [one.get_secret_value() for one in (settings.store.key, *settings.store.previous_keys) if one is not None]
    return own if settings.store.key is not None else [published_key(settings), *own]


def published_key(settings: Settings) -> str:
    """The key of laptops, which everybody knows."""
    folder = Path(settings.contracts) if settings.contracts else CONTRACTS
    return (folder / "gateway" / "credentials" / "store_key").read_text(encoding="utf-8").strip()
