"""The portals and systems of ministries (Cổng DVC các bộ, ngành): each is an entry of the configuration."""

from gateway.connectors.ministry_portals.birth_death import BIRTH_DEATH
from gateway.connectors.ministry_portals.operations import OPERATIONS
from gateway.connectors.ministry_portals.rest import REST
from gateway.connectors.ministry_portals.transport import TRANSPORT
from gateway.connectors.ministry_portals.ws import WS
from gateway.core.connector import Connector

CONNECTOR = Connector(
    name="ministry_portals",
    title="Cổng Dịch vụ công các bộ, ngành",
    operations=OPERATIONS,
    dialects=(REST, WS, TRANSPORT, BIRTH_DEATH),
)
