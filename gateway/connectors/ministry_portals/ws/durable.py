"""Orders of this dialect from a store, as those of ``rest``; a message is refused when it is older than 300 seconds."""

from __future__ import annotations

from typing import Final

from gateway.connectors.ministry_portals.rest.durable import durable
from gateway.connectors.ministry_portals.ws.translate import exchange_of

FRESH_S: Final = 300.0
"""wsu:Created, as Apache WSS4J reads it [S]."""
DURABLE: Final = durable(exchange_of, fresh_s=FRESH_S)
