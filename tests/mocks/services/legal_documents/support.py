"""The mock of the legal documents database as its callers meet it."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from tests.support.laptop import ROOT
from tests.support.national import National

NS: Final = "urn:vn:gov:moj:csdlqg-vbpl:ws:1"
KEY: Final = (ROOT / "contracts/legal_documents/credentials/api_key").read_text("utf-8").strip()
ACCESS, SECRET = (
    (ROOT / "contracts/legal_documents/credentials" / name).read_text("utf-8").strip()
    for name in ("access_key", "secret_key")
)
HEADERS: Final = {"X-API-KEY": KEY, "Accept": "application/json"}
ID: Final = "<vb:Id>{}</vb:Id>"


def envelope(name: str, inner: str) -> bytes:
    """A message of *name*."""
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:vb="{NS}"><s:Body>'
        f"<vb:{name}>{inner}</vb:{name}></s:Body></s:Envelope>"
    ).encode()


async def post(
    national: National, name: str, inner: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> tuple[int, etree._Element]:
    """Status and body element of the answer."""
    sent = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NS}/{name}"', **(headers or {})}
    message = envelope(name, inner) if body is None else body
    async with national.session.post(f"{national.url}/legal-documents/ws", data=message, headers=sent) as answer:
        found = etree.fromstring(await answer.read()).find("{*}Body")
        assert found is not None
        return answer.status, found[0]


async def get(national: National, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Status and JSON of the public system's answer."""
    url = f"{national.url}/legal-documents/api/qtdc/public/doc/{path}"
    async with national.session.get(url, headers=HEADERS if headers is None else headers) as answer:
        return answer.status, await answer.json()


async def search(national: National, **body: Any) -> dict[str, Any]:
    """``data`` of ``doc/all``."""
    url = f"{national.url}/legal-documents/api/qtdc/public/doc/all"
    whole = {"pageNumber": 1, "pageSize": 100, **body}
    async with national.session.post(url, headers=HEADERS, json=whole) as answer:
        assert answer.status == 200
        found: dict[str, Any] = (await answer.json())["data"]
        return found


async def known(national: National, note: str = "plain") -> str:
    """The id of the sample with this note."""
    samples = await national.samples("legal_documents.document")
    return str(next(s["path"]["document_id"] for s in samples if s["note"].endswith(note)))


async def breaches(national: National) -> list[str]:
    """What the journal says of the last request."""
    async with national.session.get(f"{national.url}/__mock/journal", params={"limit": "1"}) as answer:
        found: list[str] = (await answer.json())["entries"][-1]["breaches"]
        return found


def text(element: etree._Element, path: str) -> str | None:
    """Text of an element below the answer."""
    return element.findtext("/".join(f"{{*}}{step}" for step in path.split("/")))
