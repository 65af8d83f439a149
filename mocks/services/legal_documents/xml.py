"""XML answers of the public system to requests that do not accept JSON [C]; their shape is assumed [S]."""

from __future__ import annotations

from mocks.engine.service import Reply
from mocks.services.legal_documents.library import escaped


def xml_reply(value: dict[str, object]) -> Reply:
    """Returns *value* as elements named by its keys; the items of a list are `item` elements."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>{_element("response", value)}'
    return Reply(200, body.encode(), "application/xml; charset=utf-8")


def _element(name: str, value: object) -> str:
    name = f"type{name}" if name.isdigit() else name
    if value is None:
        return f"<{name}/>"
    if isinstance(value, dict):
        return f"<{name}>{''.join(_element(key, inner) for key, inner in value.items())}</{name}>"
    if isinstance(value, list):
        return f"<{name}>{''.join(_element('item', inner) for inner in value)}</{name}>"
    return f"<{name}>{str(value).lower() if isinstance(value, bool) else escaped(str(value))}</{name}>"
