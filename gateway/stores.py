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
    key, published = None if block.key is None else block.key.get_secret_value(), published_key(settings)
    if key in {None, published} and not settings.listen.is_loopback:
        raise StoreError("store.key: the published key is for a gateway on loopback; give a key of your own")
    return make_store(block, key or published, Path(settings.state_dir))


def published_key(settings: Settings) -> str:
    """The key of laptops, which everybody knows."""
    folder = Path(settings.contracts) if settings.contracts else CONTRACTS
    return (folder / "gateway" / "credentials" / "store_key").read_text(encoding="utf-8").strip()
