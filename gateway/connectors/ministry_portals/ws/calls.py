"""The operations of this dialect: the exchanges of ``rest``, each as a SOAP message."""

from __future__ import annotations

from typing import Final

from gateway.connectors.ministry_portals.rest.calls import calls, pulling
from gateway.connectors.ministry_portals.ws.translate import exchange_of

CALLS: Final = calls(exchange_of)
PULL: Final = pulling(exchange_of)
