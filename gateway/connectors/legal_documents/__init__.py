"""The national database of legal documents (CSDLQG về văn bản quy phạm pháp luật, Ministry of Justice)."""

from gateway.connectors.legal_documents.gateway import GATEWAY
from gateway.connectors.legal_documents.operations import OPERATIONS
from gateway.connectors.legal_documents.ws import WS
from gateway.core.connector import Connector

CONNECTOR = Connector(
    name="legal_documents",
    title="CSDLQG về văn bản quy phạm pháp luật",
    operations=OPERATIONS,
    dialects=(WS, GATEWAY),
)
