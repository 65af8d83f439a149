"""One deployment is one file: YAML, overridden key by key by ``LGSP_…`` variables, with secrets by reference.

Precedence, first wins: environment, file, defaults in the code. A misspelt name is refused with the nearest known one.
"""

from gateway.settings.errors import ConfigurationError, Finding, NotThereError, explain_validation, nearest
from gateway.settings.inbound import InboundSettings
from gateway.settings.listen import Listen
from gateway.settings.loading import load
from gateway.settings.model import (
    COMMAND_VARIABLES,
    LAPTOP_KEY,
    CallerSettings,
    ConnectorSettings,
    OperationSettings,
    Settings,
    fingerprint,
)
from gateway.settings.references import read_reference

__all__ = [
    "COMMAND_VARIABLES",
    "LAPTOP_KEY",
    "CallerSettings",
    "ConfigurationError",
    "ConnectorSettings",
    "Finding",
    "InboundSettings",
    "Listen",
    "NotThereError",
    "OperationSettings",
    "Settings",
    "explain_validation",
    "fingerprint",
    "load",
    "nearest",
    "read_reference",
]
