"""Every kind of rule, and what it holds a system to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

RULES: Final[Mapping[str, str]] = {
    "token.given": "right credentials are given a token, with the documented status",
    "token.shaped": "the token's answer has the contract's shape and content type",
    "token.refused": "wrong credentials are refused as documented",
    "auth.missing": "a call without credentials is refused as this system refuses",
    "auth.unknown": "a call with unknown credentials is refused as this system refuses",
    "answer.arrives": "an answer comes whole and in time",
    "answer.status": "the HTTP status is the documented one",
    "answer.content_type": "the content type is the contract's, or one of the documented odd habits",
    "answer.encoding": "the body is JSON in UTF-8, without byte order mark, no field twice",
    "answer.says": "the answer says what such a question is answered with",
    "answer.echo": "the answer names the record that was asked for, and no other",
    "answer.same": "the same question is answered the same again",
    "schema.type": "values are of the contract's types",
    "schema.required": "obligatory fields are there",
    "schema.value": "codes are among those of the contract",
    "schema.format": "texts are written as the contract's patterns say",
    "schema.size": "texts, lists and numbers are within the contract's bounds",
    "schema.extra": "no field stands where the contract closes an object",
    "schema.shape": "exactly one of the contract's shapes fits",
    "absent.said": "a record that does not exist is told as this system tells it",
    "malformed.refused": "a question that breaks the contract is answered with the system's error",
    "paging.size": "a page has as many rows as were asked for",
    "paging.next": "the next page goes on",
    "paging.total": "each page tells the same count of all rows",
    "dates.real": "days exist, and are written as this system writes them",
    "unknown.call": "an address that is none is refused",
    "wsdl.served": "the WSDL is served",
    "wsdl.equal": "the WSDL is the pinned one, up to the address",
    "xsd.served": "each schema that the WSDL imports is served",
    "xsd.equal": "each schema is the pinned one",
    "soap.wellformed": "the answer is well-formed XML",
    "soap.doctype": "the answer has no DOCTYPE",
    "soap.envelope": "the answer is an envelope of the binding's SOAP version, with one element in its Body",
    "soap.element": "the element in the Body is the operation's",
    "soap.schema": "the element follows the schema",
    "soap.fault_status": "a Fault comes with the documented HTTP status",
    "soap.fault_detail": "a Fault's detail is there where the WSDL declares one, and follows the schema",
    "soap.unknown": "an unknown operation is answered with a Fault",
}
