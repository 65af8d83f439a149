"""The national public service portal (Cổng Dịch vụ công quốc gia): it hears of each dossier and its steps."""

from gateway.connectors.public_service_portal.gen2 import GEN2
from gateway.connectors.public_service_portal.ngsp import NGSP
from gateway.connectors.public_service_portal.operations import OPERATIONS
from gateway.connectors.public_service_portal.page import PAGE
from gateway.core.connector import Connector

CONNECTOR = Connector(
    name="public_service_portal",
    title="Cổng Dịch vụ công quốc gia",
    operations=OPERATIONS,
    dialects=(NGSP, GEN2, PAGE),
)
