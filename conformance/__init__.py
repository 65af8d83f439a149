"""Holds a system, mock or real, to its contract: rules from OpenAPI or WSDL, and the cases of conformance.yaml.

Knows `contracts/` and HTTP; knows no connector, so a misreading of a connector can't excuse itself here.
"""
