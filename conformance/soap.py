"""Rules for one answer over SOAP, from WSDL and schema: envelope, element, faults; and the served WSDL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from lxml import etree

from conformance.client import Answer, ServiceClient
from conformance.envelope import CONTENT_TYPE, ENVELOPE, envelope, headers, tree_of
from conformance.judging import Ruled, dated, echoed
from conformance.masking import Mask
from conformance.pointers import said
from conformance.report import Difference
from conformance.suite import Case, ExpectedAnswer, Message, ServiceSuite
from conformance.wsdl import Wsdl, canonical, parsed

_XML: Final = frozenset({"text/xml", "application/xml", "application/wsdl+xml", "application/xsd+xml"})
_Differences = tuple[Difference, ...]


class _NotSoap(ValueError):
    """The body is not a SOAP message; it names the broken rule and the difference."""

    def __init__(self, rule: str, difference: Difference) -> None:
        super().__init__(rule)
        self.rule = rule
        self.difference = difference


@dataclass(frozen=True, slots=True)
class Soap:
    """A SOAP service with its contract."""

    suite: ServiceSuite
    base: str
    wsdl: Wsdl
    mask: Mask
    token: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        return f"{self.base}/{self.suite.address}".replace("//", "/")

    def calls(self) -> set[str]:
        """All operations of the contract."""
        return set(self.wsdl.operations)

    def coded(self) -> frozenset[str]:
        """Elements whose values the schema lists, and the code of a Fault."""
        return self.wsdl.coded | {"faultcode", "Value"}

    async def ask(self, client: ServiceClient, call: str, message: Message) -> Answer:
        """Sends a request with the service's account, if it has one."""
        return await self.ask_as(client, call, message, self.token)

    async def ask_as(self, client: ServiceClient, call: str, message: Message, token: tuple[str, str] | None) -> Answer:
        """Sends a request with another account, or without an account."""
        operation, version = self.wsdl.operations[call], self.wsdl.version
        data = envelope(version, operation, message.body, element=message.element, token=token)
        whole = Message(
            headers={"Accept": "*/*", **headers(version, operation), **message.headers}, query=message.query
        )
        return await client.ask("POST", self.path, whole, data)

    def tree(self, answer: Answer) -> Any:
        """Returns the element in the Body as a tree for pointers; None when the answer is not valid SOAP."""
        try:
            return tree_of(self._body(answer))
        except _NotSoap:
            return None

    def good(self, call: str, case: Case, answer: Answer, echo: str | None) -> Ruled:
        """Checks all rules for a valid request."""
        found: dict[str, _Differences] = {"answer.arrives": _arrives(answer)}
        if answer.broken is not None:
            return found
        found["answer.status"] = _status(answer, case.status)
        found["answer.content_type"] = self._content_type(answer)
        try:
            element = self._body(answer, found)
        except _NotSoap as error:
            return {**found, error.rule: (error.difference,)}
        answered = etree.QName(self.wsdl.operations[call].answered)
        if etree.QName(element).text != answered.text:
            met = etree.QName(element).localname
            return {**found, "soap.element": (Difference("/Envelope/Body/*", answered.localname, met),)}
        found["soap.element"] = ()
        found["soap.schema"] = self._schema(element)
        tree, at = tree_of(element), f"/{answered.localname}"
        if case.says:
            found["absent.said" if case.kind == "absent" else "answer.says"] = _below(
                at, said(tree, case.says, self.mask)
            )
        if case.echo is not None and echo is not None:
            found["answer.echo"] = _below(at, echoed(tree, case.echo, echo, self.mask))
        if self.suite.dates:
            found["dates.real"] = _below(at, dated(tree, self.suite.dates, self.mask))
        return found

    def refusal(self, rule: str, call: str, verdict: ExpectedAnswer, answer: Answer) -> Ruled:
        """Checks the Fault's code, status and detail; without an expected code, the values of the answer."""
        if verdict.fault is None:
            case = Case(kind="found", status=verdict.status, says=verdict.says)
            good = self.good(call, case, answer, None)
            wrong = tuple(one for differences in good.values() for one in differences)
            return {"answer.arrives": _arrives(answer), rule: wrong} if answer.broken is None else good
        found: dict[str, _Differences] = {"answer.arrives": _arrives(answer)}
        if answer.broken is not None:
            return found
        found["soap.fault_status"] = _status(answer, verdict.status)
        try:
            element = self._body(answer, found)
        except _NotSoap as error:
            return {**found, error.rule: (error.difference,)}
        if etree.QName(element).text != f"{{{ENVELOPE[self.wsdl.version]}}}Fault":
            return {**found, rule: (Difference("/Envelope/Body/*", "Fault", etree.QName(element).localname),)}
        tree = tree_of(element)
        codes = _codes(tree)
        fits = verdict.fault in codes
        where = "/Fault/faultcode" if self.wsdl.version == "1.1" else "/Fault/Code"
        found[rule] = () if fits else (Difference(where, verdict.fault, " / ".join(codes) or "nothing"),)
        found["soap.fault_detail"] = self._detail(element, rule)
        return found

    def _detail(self, fault: etree._Element, rule: str) -> _Differences:
        details = [child for child in fault.iterchildren("*") if etree.QName(child).localname.lower() == "detail"]
        inner = [one for detail in details for one in detail.iterchildren("*")]
        if not inner and rule != "soap.unknown" and self.wsdl.declares_faults:
            return (Difference("/Fault/detail", "the detail that the WSDL declares", "nothing"),)
        return tuple(one for element in inner for one in self._schema(element))

    def _schema(self, element: etree._Element) -> _Differences:
        alone = etree.ElementTree(etree.fromstring(etree.tostring(element)))
        if self.wsdl.schema.validate(alone):
            return ()
        found = []
        spaces = {prefix: name for prefix, name in alone.getroot().nsmap.items() if prefix is not None}
        for error in self.wsdl.schema.error_log:  # type: ignore[attr-defined]  # lxml-stubs lack it
            path = re.sub(r"(?<=/)[\w.-]+:", "", str(error.path or ""))
            met = alone.xpath(str(error.path), namespaces=spaces) if error.path else []
            text = met[0].text if isinstance(met, list) and met and isinstance(met[0], etree._Element) else None  # noqa: SLF001 - lxml's only name for it
            found.append(Difference(path, _without_value(str(error.message)), self.mask.shown(path, text)))
        return tuple(found)

    def _content_type(self, answer: Answer) -> _Differences:
        wanted = CONTENT_TYPE[self.wsdl.version]
        if answer.content_type in {wanted, *self.suite.tolerates}:
            return ()
        return (Difference("header Content-Type", wanted, answer.content_type or "none"),)

    def _body(self, answer: Answer, found: dict[str, _Differences] | None = None) -> etree._Element:
        rules: dict[str, _Differences] = {} if found is None else found
        if b"<!DOCTYPE" in answer.body[:2_000]:
            raise _NotSoap("soap.doctype", Difference("", "no DOCTYPE (SOAP forbids it)", "a DOCTYPE"))
        rules["soap.doctype"] = ()
        try:
            root = parsed(answer.body)
        except etree.XMLSyntaxError as error:
            raise _NotSoap(
                "soap.wellformed", Difference("", "well-formed XML", f"an error in line {error.lineno}")
            ) from error
        rules["soap.wellformed"] = ()
        namespace = ENVELOPE[self.wsdl.version]
        bodies = root.findall(f"{{{namespace}}}Body") if root.tag == f"{{{namespace}}}Envelope" else []
        elements = [one for body in bodies for one in body.iterchildren("*")]
        if len(elements) != 1:
            met = f"{etree.QName(root).localname} with {len(elements)}"
            wanted = f"an Envelope of SOAP {self.wsdl.version} with one element in its Body"
            raise _NotSoap("soap.envelope", Difference("/Envelope/Body", wanted, met))
        rules["soap.envelope"] = ()
        return elements[0]

    async def documents(self, client: ServiceClient) -> Ruled:
        """Checks that the WSDL and its imported schemas are served and equal the pinned ones, up to the address."""
        answer = await client.get(f"{self.path}?wsdl")
        served = _served("wsdl.served", answer)
        found: dict[str, _Differences] = {**served}
        if served["wsdl.served"]:
            return found
        found["wsdl.equal"] = _compared(answer.body, self.wsdl.document)
        for name, pinned in self.wsdl.beside.items():
            location = _location(answer.body, name)
            # Only the target is asked, also when the document names another host.
            place = urlsplit(urljoin(f"/{self.path.lstrip('/')}", location))
            schema = await client.get(f"{place.path}?{place.query}")
            found |= _served("xsd.served", schema)
            if not found["xsd.served"]:
                found["xsd.equal"] = _compared(schema.body, pinned)
        return found


def _location(wsdl: bytes, name: str) -> str:
    """Returns the location of the schema *name* in the served WSDL."""
    places = [str(one.get("schemaLocation")) for one in parsed(wsdl).iter("{*}import", "{*}include")]
    return next((place for place in places if place.rpartition("/")[2].partition("?")[0] == name), name)


def _served(rule: str, answer: Answer) -> dict[str, _Differences]:
    if answer.broken is not None:
        return {rule: (Difference("", "the document", answer.broken),)}
    if answer.status != 200 or answer.content_type not in _XML:
        return {rule: (Difference("", "200 with XML", f"{answer.status} with {answer.content_type or 'no type'}"),)}
    try:
        parsed(answer.body)
    except etree.XMLSyntaxError as error:
        return {rule: (Difference("", "well-formed XML", f"an error in line {error.lineno}"),)}
    return {rule: ()}


def _compared(served: bytes, pinned: bytes) -> _Differences:
    lines = unified_diff(canonical(pinned), canonical(served), lineterm="", n=0)
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    gone = [line[1:].strip() for line in changed if line.startswith("-")]
    new = [line[1:].strip() for line in changed if line.startswith("+")]
    return () if not changed else (Difference("", "; ".join(gone) or "nothing", "; ".join(new) or "nothing"),)


def _codes(fault: Any) -> list[str]:
    """Returns all codes of a Fault without prefixes, outermost first."""
    if not isinstance(fault, Mapping):
        return []
    found, code = [], fault.get("faultcode") or fault.get("Code")
    while isinstance(code, Mapping):
        found.append(str(code.get("Value", "")))
        code = code.get("Subcode")
    if code:
        found.append(str(code))
    return [one.strip().rpartition(":")[2] for one in found]


def _without_value(message: str) -> str:
    message = re.sub(r"\{[^{}]*\}", "", message)
    return re.sub(r"(?i)the value '.*' (is|has|does)", r"the value \1", message, flags=re.DOTALL)


def _below(root: str, differences: _Differences) -> _Differences:
    return tuple(Difference(f"{root}{one.at}", one.expected, one.met) for one in differences)


def _arrives(answer: Answer) -> _Differences:
    return () if answer.broken is None else (Difference("", "a complete answer", answer.broken),)


def _status(answer: Answer, wanted: int) -> _Differences:
    return () if answer.status == wanted else (Difference("status", str(wanted), str(answer.status)),)
