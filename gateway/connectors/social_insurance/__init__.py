"""The national insurance database (CSDLQG về bảo hiểm, Vietnam Social Security)."""

from gateway.connectors.social_insurance.ngsp import NGSP
from gateway.connectors.social_insurance.operations import OPERATIONS
from gateway.connectors.social_insurance.vss import VSS
from gateway.core.connector import Connector

CONNECTOR = Connector(
    name="social_insurance",
    title="CSDLQG về bảo hiểm",
    operations=OPERATIONS,
    dialects=(NGSP, VSS),
)
