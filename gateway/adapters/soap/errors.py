"""Turns an error of zeep into one of ours.

A test walks zeep's tree, so that an error that zeep grows is met there and not in production.
"""

from __future__ import annotations

import zeep.exceptions as z

from gateway.core.problems import Failing, GatewayError, Internal, OffContract


def of_zeep_error(error: z.Error) -> GatewayError:
    """Maps an error of zeep, which here builds messages from the pinned contract and never sees the network."""
    match error:
        case z.Fault():
            return Failing("The upstream answered with a fault of its own.", reason="upstream_error")
        case z.TransportError():
            return Failing("The upstream can't be reached.", reason="unreachable")
        case z.DTDForbidden() | z.EntitiesForbidden() | z.ExternalReferenceForbidden():
            return OffContract("The answer has a DOCTYPE; none is ever read.", reason="forbidden_xml")
        case z.XMLSyntaxError() | z.XMLParseError() | z.UnexpectedElementError() | z.SignatureVerificationFailed():
            return OffContract("The answer is not what its contract says.", reason="malformed")
        case (
            z.ValidationError()
            | z.LookupError()
            | z.NamespaceError()
            | z.WsdlSyntaxError()
            | z.IncompleteMessage()
            | z.IncompleteOperation()
        ):
            return unbuildable()
        case _:
            return OffContract("The upstream's answer could not be read.", reason="malformed")


def unbuildable() -> Internal:
    """The connector's arguments and the pinned contract disagree: a bug of ours, and nothing was sent."""
    return Internal("The gateway's message does not fit the pinned contract.", may_have_arrived=False)
