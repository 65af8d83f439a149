"""Criminal record certificates (cấp Phiếu lý lịch tư pháp): Ministry of Justice, since 2025 of Public Security."""

from gateway.connectors.criminal_records.lltp2024 import LLTP2024
from gateway.connectors.criminal_records.ngsp import NGSP
from gateway.connectors.criminal_records.operations import OPERATIONS
from gateway.connectors.criminal_records.ws import WS
from gateway.core.connector import Connector

CONNECTOR = Connector(
    name="criminal_records",
    title="Cấp Phiếu lý lịch tư pháp",
    operations=OPERATIONS,
    dialects=(LLTP2024, NGSP, WS),
)
