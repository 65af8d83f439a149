"""A SOAP 1.2 port (document/literal) with WS-Security: the WSDL's operations call a service's own rules.

Messages become JSON objects by the system's OpenAPI schemas, so that one set of rules answers both dialects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from mocks.engine.decisions import Mode
from mocks.engine.schema import Contract
from mocks.engine.service import SOAP_11, Ask, Call, Reply, Request, World
from mocks.engine.soap import ENVELOPE_11, ENVELOPE_12, SOAP_12, action_of, by_element, fault_11, fault_12
from mocks.engine.wssecurity import WSSE, UsernameTokens, expired

Message = dict[str, object]
_ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
_UNDERSTOOD: Final = frozenset({WSSE, _ADDRESSING})
_MISSING: Final = "Missing child element"
_BUSY: Final = "Hệ thống đang bận, vui lòng thử lại sau"
_HEAD: Final = f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{ENVELOPE_12}"><soap:Body>'
_TAIL: Final = "</soap:Body></soap:Envelope>"
#: Characters that JSON allows and XML 1.0 does not.
_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: the name of its element, the schema of its message, and the function that answers."""

    name: str
    asked: Mapping[str, Any]
    """JSON Schema of the message, from the contract."""
    answer: Callable[[Request, Message], Message]
    """Records breaches on the request; returns an object whose keys are in the order of the XML schema."""
    another: Callable[[Request, Message], Message] | None = None
    why_no_another: str = "its answer has no field that identifies the record"
    repeat: Mode | None = None
    shown: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """Operations at one address, with their WSDL and schema."""

    world: World
    folder: str
    """Folder below `contracts/`, with `ws.wsdl` and `ws.xsd`."""
    prefix: str
    """Prefix of the service, `/criminal-records`."""
    path: str
    """Path of the port below the prefix, `ws`."""
    namespace: str
    tokens: UsernameTokens
    contract: Contract
    operations: tuple[Operation, ...]
    named: str = ""
    """Prefix of the operations' names in faults and the journal."""

    def calls(self) -> tuple[Call, ...]:
        """Returns the calls for the engine; the contract's documents come last."""
        return (*(self._call(operation) for operation in self.operations), *self._documents())

    def unmatched(self, request: Request) -> Reply:
        """Returns the port's answer to a message of an unknown operation."""
        refusal = _envelope_refusal(request)
        if refusal is not None:
            return refusal
        request.breach("/*/Body/*: no operation of the WSDL")
        return fault_12("Client", "Message part was not recognized. (Does it exist in service WSDL?)")

    def ask(self, name: str, message: Message) -> Ask:
        """Returns a request of the operation with a valid token, as a client would send it."""
        body = _written(name, message).replace(f"<v:{name}>", f'<v:{name} xmlns:v="{self.namespace}">', 1)
        envelope = (
            f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{ENVELOPE_12}">'
            f"<soap:Header>{self.tokens.header()}</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
        )
        headers = {"Content-Type": f'{SOAP_12}; action="{self.namespace}/{name}"'}
        return Ask(path=self.path, method="POST", headers=headers, body=envelope.encode())

    def _call(self, operation: Operation) -> Call:
        another = operation.another
        return Call(
            name=f"{self.named}{operation.name}",
            method="POST",
            path=self.path,
            kind="soap",
            match=by_element(operation.name),
            authenticate=self._door,
            answer=partial(self._answer, operation),
            another=None if another is None else partial(self._another, operation, another),
            why_no_another=operation.why_no_another,
            spent=expired,
            soap_fault=partial(fault_12, message=_BUSY),
            repeat=operation.repeat,
            shown=operation.shown,
            fields=operation.fields,
        )

    def _door(self, request: Request) -> Reply | None:
        return _envelope_refusal(request) or self.tokens.refusal(request)

    def _answer(self, operation: Operation, request: Request) -> Reply:
        element = request.soap
        assert element is not None, "calls are matched by the element"
        action = action_of(request)
        if action and action != f"{self.namespace}/{operation.name}":
            request.breach(f"action: not that of {operation.name}")
            return fault_12("Client", f"The given SOAPAction {action[:200]} does not match an operation.")
        if not self._is_sound(request, element):
            return fault_12("Client", "Unmarshalling Error: the message does not follow the schema")
        message = self._read(element, operation.asked)
        return self._reply(operation, operation.answer(request, message))

    def _another(self, operation: Operation, another: Callable[[Request, Message], Message], request: Request) -> Reply:
        element = request.soap
        assert element is not None, "calls are matched by the element"
        return self._reply(operation, another(request, self._read(element, operation.asked)))

    def _is_sound(self, request: Request, element: etree._Element) -> bool:
        """Returns True when JAXB would read the element: missing elements are left to the service's own rules."""
        schema = _compiled(self.world.contract(f"{self.folder}/ws.xsd"))
        if schema.validate(element):
            return True
        unsound = [error for error in schema.error_log if _MISSING not in error.message]  # type: ignore[attr-defined]  # lxml-stubs lack it
        for error in unsound:
            request.breach(f"{etree.QName(element).localname}: {error.type_name} at {error.path}")
        return not unsound

    def _read(self, element: etree._Element, schema: Mapping[str, Any]) -> Message:
        """Reads an object by its schema, in its order: repeated elements are lists, integers numbers, the rest text."""
        whole = dict(_properties(self.contract, schema))
        found: Message = {}
        lists: dict[str, list[object]] = {
            name: [] for name, inner in whole.items() if self.contract.resolved(inner).get("type") == "array"
        }
        for child in element.iterchildren("*"):
            name = etree.QName(child).localname
            inner = self.contract.resolved(whole.get(name, {}))
            if inner.get("type") == "array":
                lists.setdefault(name, []).append(self._value(child, self.contract.resolved(inner["items"])))
            else:
                found[name] = self._value(child, inner)
        given = {**found, **lists}
        return {name: given[name] for name in (*whole, *given) if name in given}

    def _value(self, element: etree._Element, schema: Mapping[str, Any]) -> object:
        if schema.get("type") == "object":
            return self._read(element, schema)
        text = element.text or ""
        if schema.get("type") == "integer":
            return int(text) if text.strip().lstrip("-").isdecimal() else text
        return text

    def _reply(self, operation: Operation, message: Message) -> Reply:
        inner = "".join(_written(name, value) for name, value in message.items())
        body = f'<v:{operation.name}Response xmlns:v="{self.namespace}">{inner}</v:{operation.name}Response>'
        return Reply(200, f"{_HEAD}{body}{_TAIL}".encode(), SOAP_12)

    def _documents(self) -> tuple[Call, ...]:
        wsdl = self.world.contract(f"{self.folder}/ws.wsdl")
        schema = Reply(200, self.world.contract(f"{self.folder}/ws.xsd").encode(), SOAP_11)
        written = quoteattr(f"http://127.0.0.1:9100{self.prefix}/{self.path}")

        def served(request: Request) -> Reply:
            return Reply(200, wsdl.replace(written, quoteattr(request.url)).encode(), SOAP_11)

        name, beside = f"{self.named}wsdl", self.path.rpartition("/")[0]
        return (
            Call(name=name, path=self.path, kind="document", match=_asks_wsdl, answer=served, shown=_WSDL),
            Call(
                name=name,
                path=f"{beside}/ws.xsd" if beside else "ws.xsd",
                kind="document",
                answer=lambda _: schema,
            ),
        )


_WSDL: Final = frozenset({"wsdl"})


def _asks_wsdl(request: Request) -> bool:
    return any(name.lower() == "wsdl" for name in request.query)


def _envelope_refusal(request: Request) -> Reply | None:
    """Returns SOAP 1.2's own Fault for another version, another content type or an unknown mandatory header."""
    body = request.soap
    if body is None:
        return fault_12("Client", "Error reading the message")
    envelope = body.getroottree().getroot()
    if etree.QName(envelope).namespace != ENVELOPE_12:
        request.breach("/Envelope: not of SOAP 1.2")
        old = etree.QName(envelope).namespace == ENVELOPE_11
        message = "A SOAP 1.1 message is not valid when sent to a SOAP 1.2 only endpoint."
        return fault_11("VersionMismatch", message) if old else fault_12("VersionMismatch", message)
    if not request.headers.get("Content-Type", "").lower().startswith("application/soap+xml"):
        request.breach("header Content-Type: not application/soap+xml")
        return Reply(415, b"", SOAP_12)
    for block in envelope.iterfind(f"{{{ENVELOPE_12}}}Header/*"):
        mandatory = (block.get(f"{{{ENVELOPE_12}}}mustUnderstand") or "").strip() in {"1", "true"}
        if mandatory and etree.QName(block).namespace not in _UNDERSTOOD:
            request.breach(f"header {etree.QName(block).localname[:80]}: mandatory, and not understood")
            return fault_12("MustUnderstand", "Can not understand mandatory header blocks")
    return None


@cache
def _compiled(text: str) -> etree.XMLSchema:
    """Compiles a schema once; a reset uses the cached result."""
    return etree.XMLSchema(etree.fromstring(text.encode()))


def _properties(contract: Contract, schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    schema = contract.resolved(schema)
    found = [pair for part in schema.get("allOf", ()) for pair in _properties(contract, part)]
    return [*found, *schema.get("properties", {}).items()]


def _written(name: str, value: object) -> str:
    """Returns the XML of a value: null is left out, a list is repeated elements, keys stay in the schema's order."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_written(name, item) for item in value)
    if isinstance(value, dict):
        return f"<v:{name}>{''.join(_written(key, inner) for key, inner in value.items())}</v:{name}>"
    return f"<v:{name}>{escape(_NOT_XML.sub('', str(value)))}</v:{name}>"
