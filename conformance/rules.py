"""All rules, and the meaning of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RULES: Final[Mapping[str, str]] = {
    "token.given": "valid credentials get a token, with the documented status",
    "token.shaped": "the token's answer has the contract's shape and content type",
    "token.refused": "wrong credentials are refused as documented",
    "auth.missing": "a call without credentials gets the system's documented refusal",
    "auth.unknown": "a call with unknown credentials gets the system's documented refusal",
    "answer.arrives": "the answer is complete and within the timeout",
    "answer.status": "the HTTP status is the documented one",
    "answer.content_type": "the content type is the contract's, or one of the documented exceptions",
    "answer.encoding": "the body is JSON in UTF-8, without byte order mark or duplicate fields",
    "answer.says": "the answer has the values that the case expects",
    "answer.echo": "the answer is about the requested record, and no other",
    "answer.same": "the same request gets the same answer again",
    "schema.type": "values have the contract's types",
    "schema.required": "required fields are present",
    "schema.value": "codes are listed in the contract",
    "schema.format": "texts match the contract's patterns",
    "schema.size": "texts, lists and numbers are within the contract's bounds",
    "schema.extra": "an object that the contract closes has no other fields",
    "schema.shape": "exactly one of the contract's shapes fits",
    "absent.said": "a missing record gets the system's documented answer",
    "malformed.refused": "a request that breaks the contract gets the system's documented error",
    "paging.size": "a page has the requested number of rows",
    "paging.next": "the next page has other rows",
    "paging.total": "each page gives the same total of rows",
    "dates.real": "dates exist, and have the system's format",
    "unknown.call": "an unknown address is refused",
    "wsdl.served": "the WSDL is served",
    "wsdl.equal": "the WSDL is the pinned one, except for the address",
    "xsd.served": "each schema that the WSDL imports is served",
    "xsd.equal": "each schema is the pinned one",
    "soap.wellformed": "the answer is well-formed XML",
    "soap.doctype": "the answer has no DOCTYPE",
    "soap.envelope": "the answer is an envelope of the binding's SOAP version, with one element in its Body",
    "soap.element": "the element in the Body is the operation's",
    "soap.schema": "the element follows the schema",
    "soap.fault_status": "a Fault has the documented HTTP status",
    "soap.fault_detail": "a Fault has the detail that the WSDL declares, and it follows the schema",
    "soap.unknown": "an unknown operation gets a Fault",
}
