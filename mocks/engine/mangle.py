"""Functions with which faults change the bytes of an answer, JSON or XML."""

from __future__ import annotations

import dataclasses
import re
from typing import Final

import orjson
from lxml import etree

from mocks.engine.service import Reply

MAINTENANCE_PAGE: Final = """<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><title>Bảo trì hệ thống</title></head>
<body><h1>Hệ thống đang bảo trì</h1>
<p>Hệ thống tạm ngừng phục vụ để nâng cấp. Xin vui lòng quay lại sau.</p></body></html>
""".encode()
_LAST_TAGS: Final = re.compile(rb"(?:</[^<>]+>\s*){1,3}$")
_DOCTYPE: Final = '<!DOCTYPE {root} [<!ENTITY co_quan "Cơ quan cung cấp dịch vụ"><!ENTITY lap "&co_quan;&co_quan;">]>'


def dumped(value: object) -> bytes:
    return orjson.dumps(value)


def changed(reply: Reply, *, body: bytes | None = None, content_type: str | None = None) -> Reply:
    """Returns the reply with another body or content type."""
    return dataclasses.replace(
        reply,
        body=reply.body if body is None else body,
        content_type=reply.content_type if content_type is None else content_type,
    )


def spoilt(reply: Reply) -> bytes:
    """Returns a body that no parser accepts: the end is replaced by garbage."""
    return reply.body.rstrip()[:-1] + (b"<" if reply.is_xml else b",,")


def crowded(reply: Reply, count: int) -> bytes:
    """Adds *count* small siblings before the innermost end; a body that is not JSON or XML stays unchanged."""
    if reply.is_xml:
        end = _LAST_TAGS.search(reply.body)
        at = end.start() if end else len(reply.body)
        return reply.body[:at] + b"<x/>" * count + reply.body[at:]
    body = reply.body.strip()
    siblings = b"{}," * (count - 1) + b"{}"
    extra = {b"{": b'"DANH_SACH":[' + siblings + b"]}", b"[": siblings + b"]"}.get(body[:1])
    if extra is None:
        return reply.body
    return body[:-1] + (b"" if body[:-1].strip() == body[:1] else b",") + extra


def with_doctype(body: bytes) -> bytes:
    """Adds a DOCTYPE for the root element; a body that is not XML stays unchanged."""
    try:
        root = etree.fromstring(body)
    except etree.XMLSyntaxError:
        return body
    name = f"{root.prefix}:{etree.QName(root).localname}" if root.prefix else etree.QName(root).localname
    declaration = b'<?xml version="1.0" encoding="UTF-8"?>'
    return declaration + _DOCTYPE.format(root=name).encode() + etree.tostring(root, encoding="UTF-8")


def drifted(reply: Reply, field: str, to: str | None) -> bytes:
    """Renames *field* to *to*, or removes it (None), at every depth; a file stays unchanged."""
    try:
        if not reply.is_xml:
            return orjson.dumps(_drift_json(orjson.loads(reply.body), field, to))
        root = etree.fromstring(reply.body)
    except (orjson.JSONDecodeError, etree.XMLSyntaxError):
        return reply.body
    for element in list(root.iter(f"{{*}}{field}")):
        _drift_element(element, to)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _drift_element(element: etree._Element, to: str | None) -> None:
    parent = element.getparent()
    if to is not None:
        namespace = etree.QName(element).namespace
        element.tag = f"{{{namespace}}}{to}" if namespace else to
    elif parent is not None:
        parent.remove(element)


def _drift_json(value: object, field: str, to: str | None) -> object:
    if isinstance(value, list):
        return [_drift_json(item, field, to) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, inner in value.items():
        if name != field:
            kept[name] = _drift_json(inner, field, to)
        elif to is not None:
            kept[to] = _drift_json(inner, field, to)
    return kept
