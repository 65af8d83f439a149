"""Speaks SOAP 1.2 with WS-Security by hand, so that a test can say every part wrongly."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import aiohttp
from lxml import etree

from mocks.engine.soap import ENVELOPE_12
from mocks.engine.wssecurity import BASE64, DIGEST, WSSE, WSU

CONTENT_TYPE = "application/soap+xml; charset=utf-8"


def token(
    username: str,
    password: str,
    *,
    at: datetime | None = None,
    nonce: bytes | None = None,
    digest: str | None = None,
    kind: str = DIGEST,
    without: str = "",
) -> str:
    """A Security header with a UsernameToken; *without* leaves one child out."""
    salt = secrets.token_bytes(16) if nonce is None else nonce
    created = (datetime.now(UTC) if at is None else at.astimezone(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = base64.b64encode(hashlib.sha1(salt + created.encode() + password.encode()).digest()).decode()
    children = {
        "Username": f"<wsse:Username>{escape(username)}</wsse:Username>",
        "Password": f'<wsse:Password Type="{kind}">{made if digest is None else digest}</wsse:Password>',
        "Nonce": f'<wsse:Nonce EncodingType="{BASE64}">{base64.b64encode(salt).decode()}</wsse:Nonce>',
        "Created": f"<wsu:Created>{created}</wsu:Created>",
    }
    inner = "".join(text for name, text in children.items() if name != without)
    return f"<wsse:Security><wsse:UsernameToken>{inner}</wsse:UsernameToken></wsse:Security>"


def envelope(body: str, header: str = "", *, namespace: str = ENVELOPE_12) -> bytes:
    """A whole message."""
    names = f'xmlns:s="{namespace}" xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}"'
    return f"<s:Envelope {names}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>".encode()


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its Fault's codes and reason, or the element in its Body."""

    status: int
    content_type: str
    body: bytes

    @property
    def root(self) -> etree._Element:
        """The envelope."""
        return etree.fromstring(self.body)

    @property
    def codes(self) -> tuple[str, ...]:
        """Code and subcode of a Fault of SOAP 1.2, or the faultcode of 1.1."""
        found = self.root.findall(".//{*}Code/{*}Value") + self.root.findall(".//{*}Subcode/{*}Value")
        return tuple(value.text or "" for value in found or self.root.findall(".//faultcode"))

    @property
    def reason(self) -> str:
        """What the Fault says."""
        return self.root.findtext(".//{*}Reason/{*}Text") or ""

    def text(self, name: str) -> str | None:
        """The first element of this name in the answer."""
        return self.root.findtext(f".//{{*}}{name}")


async def send(session: aiohttp.ClientSession, url: str, message: bytes, content_type: str = CONTENT_TYPE) -> Told:
    """One POST."""
    async with session.post(url, data=message, headers={"Content-Type": content_type}) as answer:
        return Told(answer.status, answer.content_type, await answer.read())
