"""Checks a system, mock or real, against its contract: rules from OpenAPI or WSDL, and cases of conformance.yaml.

Uses only `contracts/` and HTTP, not the connectors: an error in a connector can't repeat itself here.
"""
