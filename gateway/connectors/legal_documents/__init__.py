"""The national database of legal documents (CSDLQG về văn bản quy phạm pháp luật, Ministry of Justice)."""

from gateway.connectors.legal_documents.gateway import GATEWAY
from gateway.connectors.legal_documents.operations import CONTENT, DOCUMENT, PROVISIONS, SEARCH
from gateway.connectors.legal_documents.ws import WS
from gateway.core.connector import Connector

CONNECTOR = Connector(
    name="legal_documents",
    title="CSDLQG về văn bản quy phạm pháp luật",
    operations=(DOCUMENT, SEARCH, PROVISIONS, CONTENT),
    dialects=(WS, GATEWAY),
)
