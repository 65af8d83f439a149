"""The national business registration database (CSDLQG về đăng ký doanh nghiệp, Ministry of Finance)."""

from gateway.connectors.business_registry.ngsp import NGSP
from gateway.connectors.business_registry.operations import OPERATIONS
from gateway.core.connector import Connector

CONNECTOR = Connector(
    name="business_registry",
    title="CSDLQG về đăng ký doanh nghiệp",
    operations=OPERATIONS,
    dialects=(NGSP,),
)
